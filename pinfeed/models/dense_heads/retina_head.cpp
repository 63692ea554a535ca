// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, RetinaHead.
#include "pinfeed/models/dense_heads/retina_head.h"

#include <cmath>
#include <utility>

#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/dense_heads/dense_layers.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {

RetinaHeadNet::RetinaHeadNet(const RetinaHead& params,
                             const std::optional<AnchorTrainCfg>& train_cfg, DenseTestCfg test_cfg)
    : AnchorHeadNet(params, params.num_classes, train_cfg, "bbox_head"),
      test_cfg_(std::move(test_cfg)) {
  const ConvShape shape = tower_conv(params.in_channels, params.feat_channels,
                                     !params.norm_cfg.has_value(), params.norm_cfg);
  cls_convs_ =
      register_module("cls_convs", std::make_shared<ConvStack>(params.stacked_convs, shape));
  reg_convs_ =
      register_module("reg_convs", std::make_shared<ConvStack>(params.stacked_convs, shape));
  const std::int64_t width = params.stacked_convs > 0 ? params.feat_channels : params.in_channels;
  retina_cls_ = register_module("retina_cls",
                                normal_conv(width, anchors_per_position() * class_channels(), 3));
  torch::nn::init::constant_(retina_cls_->bias, -std::log((1 - 0.01) / 0.01));
  retina_reg_ = register_module("retina_reg", normal_conv(width, anchors_per_position() * 4, 3));
}

std::pair<torch::Tensor, torch::Tensor> RetinaHeadNet::forward_level(const torch::Tensor& level) {
  return {retina_cls_->forward(cls_convs_->forward(level)),
          retina_reg_->forward(reg_convs_->forward(level))};
}

Losses RetinaHeadNet::losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                             const ModelRandom& random) {
  const AnchorPrediction predicted = forward(levels);
  const AssignedAnchors assigned = assign(predicted, levels, samples);
  const torch::Tensor counts = read_together({assigned.counts}).front();
  return losses_of(predicted, assigned, counts, samples, random);
}

std::vector<Detections> RetinaHeadNet::predict(const FeatureMaps& levels,
                                               const std::vector<DetDataSample>& samples) {
  const AnchorPrediction predicted = on_host(forward(levels));
  const torch::Tensor& anchors = predicted.anchors.boxes;
  std::vector<Detections> all;
  for (const DetDataSample& sample : samples) {
    const std::int64_t image = std::ssize(all);
    const ScoredPoints best =
        best_points(scores_in(predicted, image), predicted.anchors.per_level, test_cfg_);
    const torch::Tensor codes = predicted.codes[image].index_select(0, best.points);
    const torch::Tensor boxes = decoded_boxes(
        options().bbox_coder.get(), anchors.index_select(0, best.points), codes, sample.img_shape);
    all.push_back(without_duplicates({in_stored_pixels(boxes, sample), best.scores, best.labels},
                                     test_cfg_.nms, test_cfg_.max_per_img,
                                     test_cfg_.min_bbox_size));
  }
  return all;
}

std::shared_ptr<DenseHead> make_dense_head(const RetinaHead& params,
                                           const std::optional<AnchorTrainCfg>& train_cfg,
                                           const DenseTestCfg& test_cfg) {
  return std::make_shared<RetinaHeadNet>(params, train_cfg, test_cfg);
}

}  // namespace pinfeed
