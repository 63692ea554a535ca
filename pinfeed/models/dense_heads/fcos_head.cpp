// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, FCOSHead.
#include "pinfeed/models/dense_heads/fcos_head.h"

#include <cmath>
#include <utility>

#include "pinfeed/models/dense_heads/dense_layers.h"
#include "pinfeed/models/dense_heads/detections.h"
#include "pinfeed/models/dense_heads/fcos_targets.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/losses/box_losses.h"
#include "pinfeed/models/losses/head_losses.h"

namespace pinfeed {
namespace {

bool has_bias(const FCOSHead& params) {
  if (const bool* bias = std::get_if<bool>(&params.conv_bias)) return *bias;
  return !params.norm_cfg.has_value();
}

// (N, C, H, W) -> (N, H * W, C).
torch::Tensor as_points(const torch::Tensor& map) {
  return map.permute({0, 2, 3, 1}).flatten(1, 2);
}

torch::Tensor box_losses(const FCOSHead& params, const torch::Tensor& a, const torch::Tensor& b) {
  if (const auto* giou = params.loss_bbox.as<GIoULoss>()) {
    return giou_losses(a, b, giou->eps) * giou->loss_weight;
  }
  const IoULoss& iou = *params.loss_bbox.as<IoULoss>();
  return iou_losses(iou, a, b) * iou.loss_weight;
}

}  // namespace

FcosHeadNet::FcosHeadNet(const FCOSHead& params, DenseTestCfg test_cfg)
    : params_(params), test_cfg_(std::move(test_cfg)) {
  const ConvShape shape =
      tower_conv(params.in_channels, params.feat_channels, has_bias(params), params.norm_cfg);
  cls_convs_ =
      register_module("cls_convs", std::make_shared<ConvStack>(params.stacked_convs, shape));
  reg_convs_ =
      register_module("reg_convs", std::make_shared<ConvStack>(params.stacked_convs, shape));
  const std::int64_t width = params.feat_channels;
  conv_cls_ = register_module(
      "conv_cls", normal_conv(width, params.num_classes, 3, -std::log((1 - 0.01) / 0.01)));
  conv_reg_ = register_module("conv_reg", normal_conv(width, 4, 3));
  conv_centerness_ = register_module("conv_centerness", normal_conv(width, 1, 3));
  scales_ = register_scales(*this, params.strides.size());
}

DensePrediction FcosHeadNet::forward(const FeatureMaps& levels) {
  std::vector<torch::Tensor> classes;
  std::vector<torch::Tensor> distances;
  std::vector<torch::Tensor> centerness;
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const torch::Tensor cls_features = cls_convs_->forward(levels[i]);
    const torch::Tensor reg_features = reg_convs_->forward(levels[i]);
    const torch::Tensor raw = conv_reg_->forward(reg_features).to(torch::kFloat32) * scales_[i];
    classes.push_back(as_points(conv_cls_->forward(cls_features)));
    distances.push_back(as_points(params_.norm_on_bbox ? raw.clamp_min(0) : raw.exp()));
    centerness.push_back(as_points(
        conv_centerness_->forward(params_.centerness_on_reg ? reg_features : cls_features)));
  }
  // Losses and boxes are computed in float32, also where convolutions are not.
  const auto joined = [](const std::vector<torch::Tensor>& parts) {
    return torch::cat(parts, 1).to(torch::kFloat32);
  };
  return {joined(classes), joined(distances), joined(centerness).squeeze(2)};
}

// Means over the ranks, so that N ranks together have the loss of one process.
FcosHeadNet::Denominators FcosHeadNet::denominators_of(std::int64_t positives,
                                                       const torch::Tensor& centered) const {
  auto count = static_cast<double>(positives);
  torch::Tensor weights = centered;
  if (all_reduce().several()) {
    const torch::Tensor means = all_reduce().mean(
        torch::stack({torch::scalar_tensor(positives, centered.options()), centered}));
    count = means[0].item<double>();
    weights = means[1];
  }
  return {std::max(1.0, count), weights.clamp_min(1e-6)};
}

Losses FcosHeadNet::losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                           const ModelRandom&) {
  const DensePrediction predicted = forward(levels);
  const Points points = points_of(levels, params_);
  const PointTargets targets = point_targets(points, samples, params_);
  const torch::Tensor labels = targets.labels.flatten();
  const torch::Tensor positive = (labels < params_.num_classes).nonzero().squeeze(1);
  const torch::Tensor target_pixels = targets.distances.flatten(0, 1).index_select(0, positive);
  const torch::Tensor stride =
      points.strides.repeat({targets.labels.size(0)}).index_select(0, positive);
  const torch::Tensor target =
      params_.norm_on_bbox ? target_pixels / stride.unsqueeze(1) : target_pixels;
  const torch::Tensor distances = predicted.distances.flatten(0, 1).index_select(0, positive);
  const torch::Tensor centerness = predicted.centerness.flatten().index_select(0, positive);
  const torch::Tensor centered = centerness_of(target);
  const Denominators denominators = denominators_of(positive.size(0), centered.sum());

  const torch::Tensor loss_cls = class_loss(params_.loss_cls.get(), predicted.classes.flatten(0, 1),
                                            labels, {}, denominators.positives);
  const torch::Tensor loss_bbox =
      (box_losses(params_, distances, target) * centered).sum() / denominators.centered;
  const torch::Tensor loss_centerness =
      torch::binary_cross_entropy_with_logits(centerness, centered, {}, {}, at::Reduction::Sum) *
      (params_.loss_centerness.get().loss_weight / denominators.positives);
  return {{"loss_cls", loss_cls}, {"loss_bbox", loss_bbox}, {"loss_centerness", loss_centerness}};
}

std::vector<Detections> FcosHeadNet::predict(const FeatureMaps& levels,
                                             const std::vector<DetDataSample>& samples) {
  const DensePrediction there = forward(levels);
  Points points = points_of(levels, params_);
  const std::vector<torch::Tensor> read =
      read_together({there.classes.detach(), there.distances.detach(), there.centerness.detach(),
                     points.centers, points.strides});
  const DensePrediction predicted{read[0], read[1], read[2]};
  points.centers = read[3];
  points.strides = read[4];
  std::vector<Detections> detections;
  for (const DetDataSample& sample : samples) {
    detections.push_back(detections_of(predicted, points, std::ssize(detections), sample,
                                       params_.norm_on_bbox, test_cfg_));
  }
  return detections;
}

std::shared_ptr<DenseHead> make_dense_head(const FCOSHead& params, const DenseTestCfg& test_cfg) {
  return std::make_shared<FcosHeadNet>(params, test_cfg);
}

}  // namespace pinfeed
