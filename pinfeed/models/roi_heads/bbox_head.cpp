// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, BBoxHead, ConvFCBBoxHead and multiclass_nms.
#include "pinfeed/models/roi_heads/bbox_head.h"

#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/dense_heads/prior_losses.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/losses/head_losses.h"
#include "pinfeed/models/ops/linear.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {
namespace {

// The codes (K, 4) of one label of each row.
torch::Tensor codes_of_label(const torch::Tensor& codes, const torch::Tensor& labels) {
  if (codes.size(1) == 4) return codes;
  const torch::Tensor column =
      labels.unsqueeze(1) * 4 + torch::arange(4, labels.options()).unsqueeze(0);
  return codes.gather(1, column);
}

// Labels and weights of the sampled proposals, the positives of each image first. On the device of
// the prediction.
struct BoxTargets {
  torch::Tensor labels = {};     // (K)
  torch::Tensor weights = {};    // (K)
  torch::Tensor positives = {};  // rows
  torch::Tensor priors = {};     // (p, 4)
  torch::Tensor boxes = {};      // (p, 4)
};

BoxTargets box_targets(const std::vector<SampledBoxes>& sampled, int background, double weight,
                       torch::Device device) {
  std::vector<torch::Tensor> labels, weights, priors, boxes;
  for (const SampledBoxes& image : sampled) {
    const std::int64_t negatives = image.negative.size(0);
    labels.push_back(image.truth_labels);
    labels.push_back(torch::full({negatives}, background, image.truth_labels.options()));
    weights.push_back(torch::full({image.positive.size(0)}, weight, image.priors.options()));
    weights.push_back(torch::ones({negatives}, image.priors.options()));
    priors.push_back(image.positive_priors());
    boxes.push_back(image.truth_boxes);
  }
  const torch::Tensor all = torch::cat(labels);
  return {.labels = sent(all, device),
          .weights = sent(torch::cat(weights), device),
          .positives = sent((all < background).nonzero().squeeze(1), device),
          .priors = sent(torch::cat(priors), device),
          .boxes = sent(torch::cat(boxes), device)};
}

}  // namespace

BoxPrediction on_host(const BoxPrediction& predicted) {
  const std::vector<torch::Tensor> read =
      read_together({predicted.classes.detach(), predicted.codes.detach()});
  return {read[0], read[1]};
}

ConvShape roi_conv(std::int64_t in_channels, std::int64_t channels, std::int64_t kernel,
                   const RoINorm& norm) {
  ConvShape shape{.in_channels = in_channels,
                  .channels = channels,
                  .kernel = kernel,
                  .bias = !norm.has_value(),
                  .relu = true};
  if (!norm) return shape;
  shape.eps = std::visit([](const auto& part) { return part.eps; }, norm->part);
  if (const auto* groups = norm->as<GN>()) shape.groups = groups->num_groups;
  shape.channel_norm = norm->as<LN2d>() != nullptr;
  return shape;
}

BoxHeadNet::BoxHeadNet(ConvFCBBoxHead params) : params_(std::move(params)) {
  shared_ = make_branch("shared", params_.num_shared_convs, params_.num_shared_fcs,
                        params_.in_channels, false);
  cls_ = make_branch("cls", params_.num_cls_convs, params_.num_cls_fcs, shared_.channels,
                     shared_.flat);
  reg_ = make_branch("reg", params_.num_reg_convs, params_.num_reg_fcs, shared_.channels,
                     shared_.flat);
  const int boxes = params_.reg_class_agnostic ? 1 : params_.num_classes;
  fc_cls_ = register_module("fc_cls", make_last(cls_, params_.num_classes + 1, 0.01));
  fc_reg_ = register_module("fc_reg", make_last(reg_, std::int64_t{4} * boxes, 0.001));
}

BoxHeadNet::Branch BoxHeadNet::make_branch(const std::string& prefix, int convs, int linear,
                                           std::int64_t channels, bool flat) {
  Branch branch{.channels = channels, .flat = flat};
  branch.convs = register_module(
      prefix + "_convs",
      std::make_shared<ConvStack>(
          convs, roi_conv(channels, params_.conv_out_channels, 3, params_.norm_cfg)));
  if (convs > 0) branch.channels = params_.conv_out_channels;
  const auto linear_list = register_module(prefix + "_fcs", std::make_shared<torch::nn::Module>());
  for (int i = 0; i < linear; ++i) {
    const int cells = params_.with_avg_pool ? 1 : params_.roi_feat_size * params_.roi_feat_size;
    const std::int64_t width = branch.flat ? branch.channels : branch.channels * cells;
    torch::nn::Linear layer(width, params_.fc_out_channels);
    torch::nn::init::xavier_uniform_(layer->weight);
    torch::nn::init::zeros_(layer->bias);
    branch.linear.push_back(linear_list->register_module(std::to_string(i), layer));
    branch.channels = params_.fc_out_channels;
    branch.flat = true;
  }
  return branch;
}

torch::nn::Linear BoxHeadNet::make_last(const Branch& branch, std::int64_t channels,
                                        double std) const {
  const int cells = params_.with_avg_pool ? 1 : params_.roi_feat_size * params_.roi_feat_size;
  torch::nn::Linear layer(branch.flat ? branch.channels : branch.channels * cells, channels);
  torch::nn::init::normal_(layer->weight, 0.0, std);
  torch::nn::init::zeros_(layer->bias);
  return layer;
}

torch::Tensor BoxHeadNet::flattened(const torch::Tensor& map) const {
  if (map.dim() == 2) return map;
  return params_.with_avg_pool ? map.mean({2, 3}) : map.flatten(1);
}

torch::Tensor BoxHeadNet::through(Branch& branch, torch::Tensor flow) const {
  flow = branch.convs->forward(flow);
  if (!branch.linear.empty()) flow = flattened(flow);
  for (torch::nn::Linear& layer : branch.linear) flow = linear(flow, *layer).relu_();
  return flow;
}

BoxPrediction BoxHeadNet::forward(const torch::Tensor& regions) {
  const torch::Tensor flow = through(shared_, regions);
  return {linear(flattened(through(cls_, flow)), *fc_cls_),
          linear(flattened(through(reg_, flow)), *fc_reg_)};
}

Losses BoxHeadNet::losses(const BoxPrediction& predicted, const std::vector<SampledBoxes>& sampled,
                          double pos_weight) const {
  const BoxTargets targets = box_targets(
      sampled, params_.num_classes, pos_weight <= 0 ? 1.0 : pos_weight, predicted.classes.device());
  const auto count = static_cast<double>(targets.labels.size(0));
  const torch::Tensor logits = predicted.classes.to(torch::kFloat);
  const torch::Tensor loss_cls = class_loss(params_.loss_cls.get(), logits, targets.labels,
                                            targets.weights, std::max(count, 1.0));
  const torch::Tensor labels = targets.labels.index_select(0, targets.positives);
  const torch::Tensor codes =
      codes_of_label(predicted.codes.index_select(0, targets.positives).to(torch::kFloat), labels);
  const torch::Tensor loss_bbox =
      prior_box_loss({params_.loss_bbox, params_.bbox_coder.get(), params_.reg_decoded_bbox},
                     targets.priors, codes, targets.boxes, count);
  return {{"loss_cls", loss_cls},
          {"acc", accuracy_of(logits.detach(), targets.labels)},
          {"loss_bbox", loss_bbox}};
}

torch::Tensor BoxHeadNet::refined(const torch::Tensor& boxes, const torch::Tensor& labels,
                                  const torch::Tensor& codes, Size image) const {
  return decoded_boxes(params_.bbox_coder.get(), boxes, codes_of_label(codes, labels), image);
}

Detections BoxHeadNet::detections(const torch::Tensor& boxes, const torch::Tensor& logits,
                                  const torch::Tensor& codes, const DetDataSample& sample,
                                  const RcnnTestCfg& test_cfg, bool in_stored) const {
  const torch::Tensor scores =
      logits.to(torch::kFloat).softmax(1).narrow(1, 0, params_.num_classes);
  torch::Tensor all = decoded_boxes(params_.bbox_coder.get(), boxes, codes, sample.img_shape);
  if (in_stored) all = in_stored_pixels(all.view({-1, 4}), sample).view(all.sizes());
  const torch::Tensor above = (scores.flatten() > test_cfg.score_thr).nonzero().squeeze(1);
  const torch::Tensor row = above.div(params_.num_classes, "floor");
  const torch::Tensor label = above.remainder(params_.num_classes);
  const Detections found = {codes_of_label(all.index_select(0, row), label),
                            scores.flatten().index_select(0, above), label};
  const std::int64_t most = test_cfg.max_per_img > 0 ? test_cfg.max_per_img : -1;
  return without_duplicates(found, test_cfg.nms, most);
}

}  // namespace pinfeed
