// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, AnchorHead. Losses of levels are summed there; here all levels are
// one.
#include "pinfeed/models/dense_heads/anchor_head.h"

#include <tuple>

#include "pinfeed/models/dense_heads/prior_losses.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/losses/head_losses.h"
#include "pinfeed/models/task_modules/assigner.h"

namespace pinfeed {

torch::Tensor by_anchor(const torch::Tensor& map, std::int64_t channels) {
  return map.permute({0, 2, 3, 1}).reshape({map.size(0), -1, channels});
}

AnchorHeadNet::AnchorHeadNet(AnchorHeadOptions options, int num_classes,
                             std::optional<AnchorTrainCfg> train_cfg, std::string module)
    : options_(std::move(options)),
      num_classes_(num_classes),
      train_cfg_(std::move(train_cfg)),
      module_(std::move(module)) {}

std::int64_t AnchorHeadNet::class_channels() const {
  return num_classes_ + (uses_sigmoid(options_) ? 0 : 1);
}

std::int64_t AnchorHeadNet::anchors_per_position() const {
  return pinfeed::anchors_per_position(options_.anchor_generator.get());
}

AnchorPrediction on_host(const AnchorPrediction& predicted) {
  const std::vector<torch::Tensor> read =
      read_together({predicted.classes.detach(), predicted.codes.detach()});
  AnchorPrediction copy{.classes = read[0], .codes = read[1], .anchors = predicted.anchors};
  copy.anchors.boxes = predicted.anchors.on_host;
  return copy;
}

AnchorPrediction AnchorHeadNet::forward(const FeatureMaps& levels) {
  std::vector<torch::Tensor> classes;
  std::vector<torch::Tensor> codes;
  for (const torch::Tensor& level : levels) {
    const auto [logits, deltas] = forward_level(level);
    classes.push_back(by_anchor(logits, class_channels()));
    codes.push_back(by_anchor(deltas, 4));
  }
  return {torch::cat(classes, 1), torch::cat(codes, 1),
          anchors_of(options_.anchor_generator.get(), levels)};
}

torch::Tensor AnchorHeadNet::scores_in(const AnchorPrediction& predicted,
                                       std::int64_t image) const {
  const torch::Tensor logits = predicted.classes[image].detach().to(torch::kFloat);
  if (uses_sigmoid(options_)) return logits.sigmoid();
  return logits.softmax(1).narrow(1, 0, num_classes_);
}

// A random sampler takes few anchors, so only their logits are read; without one nearly all are
// used, and the others get the weight 0.
torch::Tensor AnchorHeadNet::class_loss_of(const torch::Tensor& logits,
                                           const AnchorTargets& targets) const {
  torch::Tensor used = logits;
  torch::Tensor labels = targets.labels;
  torch::Tensor weights = targets.weights;
  if (train_cfg_->sampler.as<PseudoSampler>() == nullptr) {
    used = logits.index_select(0, targets.rows);
  } else {
    std::tie(labels, weights) = labels_of_all(targets, logits.size(0), num_classes_);
  }
  return std::visit(
      [&](const auto& part) { return class_loss(part, used, labels, weights, targets.divisor); },
      options_.loss_cls.part);
}

AnchorRules AnchorHeadNet::rules() const {
  require_train_cfg(train_cfg_.has_value());
  return {options_.anchor_generator.get(), *train_cfg_, num_classes_, module_,
          [this](const torch::Tensor& priors, const AnchorCounts&, const DetDataSample& sample) {
            return assigned(train_cfg_->assigner.get(), priors, sample);
          }};
}

AssignedAnchors AnchorHeadNet::assign(const AnchorPrediction& predicted, const FeatureMaps& levels,
                                      const std::vector<DetDataSample>& samples) const {
  return assigned_anchors(rules(), predicted.anchors, levels, samples);
}

Losses AnchorHeadNet::losses_of(const AnchorPrediction& predicted, const AssignedAnchors& assigned,
                                const torch::Tensor& counts,
                                const std::vector<DetDataSample>& samples,
                                const ModelRandom& random) const {
  const AnchorTargets wanted =
      anchor_targets(rules(), predicted.anchors, assigned, counts, samples, random);
  const torch::Tensor loss_cls =
      class_loss_of(predicted.classes.flatten(0, 1).to(torch::kFloat), wanted);
  const torch::Tensor codes =
      predicted.codes.flatten(0, 1).index_select(0, wanted.positives).to(torch::kFloat);
  const torch::Tensor loss_bbox =
      prior_box_loss({options_.loss_bbox, options_.bbox_coder.get(), options_.reg_decoded_bbox},
                     wanted.positive_priors, codes, wanted.truth_boxes, wanted.divisor);
  return {{"loss_cls", loss_cls}, {"loss_bbox", loss_bbox}};
}

}  // namespace pinfeed
