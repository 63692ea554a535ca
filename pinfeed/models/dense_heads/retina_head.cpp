// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, RetinaHead.
#include "pinfeed/models/dense_heads/retina_head.h"

#include <cmath>
#include <utility>

#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {

RetinaHeadNet::RetinaHeadNet(const RetinaHead& params,
                             const std::optional<AnchorTrainCfg>& train_cfg, DenseTestCfg test_cfg)
    : AnchorHeadNet(params, params.num_classes, train_cfg, "bbox_head"),
      test_cfg_(std::move(test_cfg)) {
  cls_convs_ = make_tower("cls_convs", params);
  reg_convs_ = make_tower("reg_convs", params);
  const std::int64_t width = params.stacked_convs > 0 ? params.feat_channels : params.in_channels;
  retina_cls_ = register_module("retina_cls",
                                normal_conv(width, anchors_per_position() * class_channels(), 3));
  torch::nn::init::constant_(retina_cls_->bias, -std::log((1 - 0.01) / 0.01));
  retina_reg_ = register_module("retina_reg", normal_conv(width, anchors_per_position() * 4, 3));
}

RetinaHeadNet::Tower RetinaHeadNet::make_tower(const std::string& name, const RetinaHead& params) {
  const auto stack = register_module(name, std::make_shared<torch::nn::Module>());
  Tower tower;
  for (int i = 0; i < params.stacked_convs; ++i) {
    ConvShape shape = {.in_channels = i == 0 ? params.in_channels : params.feat_channels,
                       .channels = params.feat_channels,
                       .bias = !params.norm_cfg.has_value(),
                       .relu = true};
    if (params.norm_cfg) {
      shape.groups = params.norm_cfg->get().num_groups;
      shape.eps = params.norm_cfg->get().eps;
    }
    tower.push_back(stack->register_module(std::to_string(i), std::make_shared<ConvNorm>(shape)));
    torch::nn::init::normal_(tower.back()->conv->weight, 0.0, 0.01);
  }
  return tower;
}

std::pair<torch::Tensor, torch::Tensor> RetinaHeadNet::forward_level(const torch::Tensor& level) {
  torch::Tensor classes = level;
  torch::Tensor boxes = level;
  for (const auto& conv : cls_convs_) classes = conv->forward(classes);
  for (const auto& conv : reg_convs_) boxes = conv->forward(boxes);
  return {retina_cls_->forward(classes), retina_reg_->forward(boxes)};
}

Losses RetinaHeadNet::losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                             const ModelRandom& random) {
  return losses_of(forward(levels), levels, samples, random);
}

std::vector<Detections> RetinaHeadNet::predict(const FeatureMaps& levels,
                                               const std::vector<DetDataSample>& samples) {
  const AnchorPrediction predicted = forward(levels);
  const torch::Tensor anchors = predicted.anchors.boxes.cpu();
  std::vector<Detections> all;
  for (const DetDataSample& sample : samples) {
    const std::int64_t image = std::ssize(all);
    const ScoredPoints best =
        best_points(scores_in(predicted, image), predicted.anchors.per_level, test_cfg_);
    const torch::Tensor codes = predicted.codes[image].cpu().index_select(0, best.points);
    const torch::Tensor boxes = decoded_boxes(
        options().bbox_coder.get(), anchors.index_select(0, best.points), codes, sample.img_shape);
    all.push_back(
        without_duplicates({in_stored_pixels(boxes, sample), best.scores, best.labels}, test_cfg_));
  }
  return all;
}

std::shared_ptr<DenseHead> make_dense_head(const RetinaHead& params,
                                           const std::optional<AnchorTrainCfg>& train_cfg,
                                           const DenseTestCfg& test_cfg) {
  return std::make_shared<RetinaHeadNet>(params, train_cfg, test_cfg);
}

}  // namespace pinfeed
