// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, RPNHead.
#include "pinfeed/models/dense_heads/rpn_head.h"

#include <string>
#include <utility>

#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/dense_heads/dense_layers.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {

RpnHeadNet::RpnHeadNet(const RPNHead& params, const std::optional<AnchorTrainCfg>& train_cfg,
                       ProposalCfg test_cfg)
    : AnchorHeadNet(params, 1, train_cfg, "rpn_head"), test_cfg_(std::move(test_cfg)) {
  const std::int64_t width = params.feat_channels;
  if (params.num_convs == 1) {
    rpn_conv_ = register_module("rpn_conv", normal_conv(params.in_channels, width, 3));
  } else {
    rpn_convs_ = register_module(
        "rpn_conv", std::make_shared<ConvStack>(params.num_convs,
                                                tower_conv(params.in_channels, width, true, {})));
  }
  rpn_cls_ =
      register_module("rpn_cls", normal_conv(width, anchors_per_position() * class_channels(), 1));
  rpn_reg_ = register_module("rpn_reg", normal_conv(width, anchors_per_position() * 4, 1));
}

std::pair<torch::Tensor, torch::Tensor> RpnHeadNet::forward_level(const torch::Tensor& level) {
  const torch::Tensor features =
      rpn_convs_ ? rpn_convs_->forward(level) : rpn_conv_->forward(level).relu_();
  return {rpn_cls_->forward(features), rpn_reg_->forward(features)};
}

Losses RpnHeadNet::rpn_losses(const AnchorPrediction& predicted, const FeatureMaps& levels,
                              const std::vector<DetDataSample>& samples,
                              const ModelRandom& random) const {
  std::vector<DetDataSample> one_class = samples;
  for (DetDataSample& sample : one_class) sample.labels = torch::zeros_like(sample.labels);
  Losses losses = losses_of(predicted, levels, one_class, random);
  for (auto& [name, value] : losses) name.insert(name.find('_') + 1, "rpn_");
  return losses;
}

std::vector<Detections> RpnHeadNet::proposals(const AnchorPrediction& predicted,
                                              const std::vector<DetDataSample>& samples,
                                              const ProposalCfg& config) const {
  const torch::NoGradGuard no_gradients;
  const AnchorPrediction there = on_host(predicted);
  const torch::Tensor& anchors = there.anchors.boxes;
  std::vector<Detections> all;
  for (std::int64_t i = 0; i < std::ssize(samples); ++i) {
    const torch::Tensor scores = scores_in(there, i).select(1, 0);
    std::vector<torch::Tensor> rows;
    std::vector<torch::Tensor> levels;
    std::int64_t first = 0;
    for (const std::int64_t count : predicted.anchors.per_level) {
      const std::int64_t most = config.nms_pre > 0 ? config.nms_pre : -1;
      rows.push_back(largest_first(scores.narrow(0, first, count), most) + first);
      levels.push_back(torch::full({rows.back().size(0)}, std::ssize(levels), torch::kLong));
      first += count;
    }
    const torch::Tensor index = torch::cat(rows);
    const torch::Tensor codes = there.codes[i].index_select(0, index);
    const torch::Tensor boxes =
        decoded_boxes(options().bbox_coder.get(), anchors.index_select(0, index), codes,
                      samples[static_cast<std::size_t>(i)].img_shape);
    const Detections found =
        without_duplicates({boxes, scores.index_select(0, index), torch::cat(levels)}, config.nms,
                           config.max_per_img, config.min_bbox_size);
    const torch::Device device = predicted.codes.device();
    all.push_back({found.boxes.to(device), found.scores.to(device),
                   torch::zeros_like(found.labels, torch::TensorOptions(device))});
  }
  return all;
}

Losses RpnHeadNet::losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                          const ModelRandom& random) {
  return rpn_losses(forward(levels), levels, samples, random);
}

std::vector<Detections> RpnHeadNet::predict(const FeatureMaps& levels,
                                            const std::vector<DetDataSample>& samples) {
  return proposals(forward(levels), samples, test_cfg_);
}

std::shared_ptr<RpnHeadNet> make_rpn_head(const RPNHead& params,
                                          const std::optional<AnchorTrainCfg>& train_cfg,
                                          const ProposalCfg& test_cfg) {
  return std::make_shared<RpnHeadNet>(params, train_cfg, test_cfg);
}

}  // namespace pinfeed
