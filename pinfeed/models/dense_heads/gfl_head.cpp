// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, GFLHead. Losses of levels are summed there; here all levels are
// one.
#include "pinfeed/models/dense_heads/gfl_head.h"

#include <cmath>
#include <tuple>
#include <utility>

#include "pinfeed/models/dense_heads/anchor_head.h"
#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/dense_heads/dense_layers.h"
#include "pinfeed/models/dense_heads/prior_losses.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/losses/head_losses.h"
#include "pinfeed/models/task_modules/assigner.h"
#include "pinfeed/models/task_modules/atss_assigner.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {
namespace {

torch::Tensor anchor_centers(const torch::Tensor& anchors) {
  return (anchors.narrow(1, 2, 2) + anchors.narrow(1, 0, 2)) / 2;
}

// What the losses of the positives compare, in strides.
struct PositiveBoxes {
  torch::Tensor centers = {};  // (p, 2)
  torch::Tensor truth = {};    // (p, 4)
};

PositiveBoxes positive_boxes(const AnchorTargets& targets, const torch::Tensor& strides) {
  const torch::Tensor own =
      strides.index_select(0, targets.positives.remainder(strides.size(0))).unsqueeze(1);
  return {anchor_centers(targets.positive_priors) / own, targets.truth_boxes / own};
}

}  // namespace

GflHeadNet::GflHeadNet(GFLHead params, std::optional<GFLTrainCfg> train_cfg, DenseTestCfg test_cfg)
    : params_(std::move(params)), train_cfg_(std::move(train_cfg)), test_cfg_(std::move(test_cfg)) {
  const ConvShape shape = tower_conv(params_.in_channels, params_.feat_channels,
                                     !params_.norm_cfg.has_value(), params_.norm_cfg);
  cls_convs_ =
      register_module("cls_convs", std::make_shared<ConvStack>(params_.stacked_convs, shape));
  reg_convs_ =
      register_module("reg_convs", std::make_shared<ConvStack>(params_.stacked_convs, shape));
  const std::int64_t width = params_.feat_channels;
  gfl_cls_ = register_module(
      "gfl_cls", normal_conv(width, params_.num_classes, 3, -std::log((1 - 0.01) / 0.01)));
  gfl_reg_ = register_module("gfl_reg", normal_conv(width, 4 * (params_.reg_max + 1), 3));
  scales_ = register_scales(*this, params_.anchor_generator.get().strides.size());
}

GflPrediction GflHeadNet::forward(const FeatureMaps& levels) {
  const AnchorGenerator& generator = params_.anchor_generator.get();
  const std::int64_t channels = 4 * (params_.reg_max + 1);
  std::vector<torch::Tensor> classes;
  std::vector<torch::Tensor> sides;
  std::vector<torch::Tensor> strides;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const torch::Tensor logits = gfl_cls_->forward(cls_convs_->forward(levels[i]));
    const torch::Tensor raw = gfl_reg_->forward(reg_convs_->forward(levels[i]));
    classes.push_back(by_anchor(logits, params_.num_classes).to(torch::kFloat));
    sides.push_back(by_anchor(raw.to(torch::kFloat) * scales_[i], channels));
    strides.push_back(torch::full({sides.back().size(1)}, generator.strides[i],
                                  torch::TensorOptions(torch::kFloat).device(raw.device())));
  }
  return {torch::cat(classes, 1), torch::cat(sides, 1), torch::cat(strides),
          anchors_of(generator, levels)};
}

torch::Tensor GflHeadNet::distances_of(const torch::Tensor& sides) const {
  const torch::Tensor numbers = torch::arange(params_.reg_max + 1, sides.options());
  return torch::matmul(sides.view({-1, 4, params_.reg_max + 1}).softmax(2), numbers);
}

// Means over the ranks, so that N ranks together have the loss of one process.
GflHeadNet::Denominators GflHeadNet::denominators_of(double positives,
                                                     const torch::Tensor& certainty) const {
  if (!all_reduce().several()) return {positives, certainty.clamp_min(1.0)};
  const torch::Tensor means = all_reduce().mean(
      torch::stack({torch::scalar_tensor(positives, certainty.options()), certainty}));
  return {means[0].item<double>(), means[1].clamp_min(1.0)};
}

Losses GflHeadNet::losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                          const ModelRandom& random) {
  require_train_cfg(train_cfg_.has_value());
  const auto assign = [&](const torch::Tensor& priors, const AnchorCounts& per_level,
                          const DetDataSample& sample) {
    return pinfeed::assigned(train_cfg_->assigner.get(), priors, per_level, sample);
  };
  const AnchorRules rules{params_.anchor_generator.get(), *train_cfg_, params_.num_classes,
                          "bbox_head", assign};
  const GflPrediction predicted = forward(levels);
  const AssignedAnchors assigned = assigned_anchors(rules, predicted.anchors, levels, samples);
  const torch::Tensor counts = read_together({assigned.counts}).front();
  const AnchorTargets targets =
      anchor_targets(rules, predicted.anchors, assigned, counts, samples, random);

  const torch::Tensor logits = predicted.classes.flatten(0, 1);
  const torch::Tensor sides = predicted.sides.flatten(0, 1).index_select(0, targets.positives);
  const PositiveBoxes wanted = positive_boxes(targets, predicted.strides);
  const torch::Tensor boxes =
      decoded_boxes(params_.bbox_coder.get(), wanted.centers, distances_of(sides));
  const torch::Tensor quality =
      torch::zeros({logits.size(0)}, boxes.options())
          .index_copy_(0, targets.positives, paired_overlaps(boxes.detach(), wanted.truth));
  const torch::Tensor certainty =
      logits.detach().index_select(0, targets.positives).sigmoid().amax(1);
  const auto [labels, weights] = labels_of_all(targets, logits.size(0), params_.num_classes);
  const Denominators denominators = denominators_of(targets.divisor, certainty.sum());
  const torch::Tensor& certain = denominators.certainty;

  return {{"loss_cls", quality_loss(params_.loss_cls.get(), logits, labels, quality, weights,
                                    denominators.positives)},
          {"loss_bbox", box_loss(params_.loss_bbox, boxes, wanted.truth, 1.0, certainty) / certain},
          {"loss_dfl",
           distribution_loss(params_.loss_dfl.get(), sides.view({-1, params_.reg_max + 1}),
                             encoded_boxes(wanted.centers, wanted.truth, params_.reg_max).flatten(),
                             certainty.repeat_interleave(4), 4.0) /
               certain}};
}

std::vector<Detections> GflHeadNet::predict(const FeatureMaps& levels,
                                            const std::vector<DetDataSample>& samples) {
  const GflPrediction predicted = forward(levels);
  const torch::Tensor centers = anchor_centers(predicted.anchors.on_host);
  const std::vector<torch::Tensor> read = read_together(
      {predicted.strides.unsqueeze(1), predicted.classes.detach(), predicted.sides.detach()});
  const torch::Tensor& strides = read[0];
  const torch::Tensor& classes = read[1];
  const torch::Tensor& all_sides = read[2];
  std::vector<Detections> all;
  for (const DetDataSample& sample : samples) {
    const std::int64_t image = std::ssize(all);
    const ScoredPoints best =
        best_points(classes[image].sigmoid(), predicted.anchors.per_level, test_cfg_);
    const torch::Tensor sides = all_sides[image].index_select(0, best.points);
    const torch::Tensor boxes =
        decoded_boxes(params_.bbox_coder.get(), centers.index_select(0, best.points),
                      distances_of(sides) * strides.index_select(0, best.points), sample.img_shape);
    all.push_back(without_duplicates({in_stored_pixels(boxes, sample), best.scores, best.labels},
                                     test_cfg_.nms, test_cfg_.max_per_img,
                                     test_cfg_.min_bbox_size));
  }
  return all;
}

std::shared_ptr<DenseHead> make_dense_head(const GFLHead& params,
                                           const std::optional<GFLTrainCfg>& train_cfg,
                                           const DenseTestCfg& test_cfg) {
  return std::make_shared<GflHeadNet>(params, train_cfg, test_cfg);
}

}  // namespace pinfeed
