// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, RPNHead.
#include "pinfeed/models/dense_heads/rpn_head.h"

#include <string>
#include <utility>

#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/dense_heads/dense_layers.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/task_modules/box_coder.h"

namespace pinfeed {
namespace {

// `found` are the candidates of all images, (N, K, 4) and (N, K); boxes of different levels do not
// suppress each other.
std::vector<Detections> proposals_of(const Detections& found, const torch::Tensor& levels,
                                     const ProposalCfg& config) {
  std::vector<Detections> all;
  for (std::int64_t i = 0; i < found.boxes.size(0); ++i) {
    all.push_back(without_duplicates({found.boxes[i], found.scores[i], levels}, config.nms,
                                     config.max_per_img, config.min_bbox_size));
    all.back().labels.zero_();
  }
  return all;
}

}  // namespace

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

// All objects are of one class.
Losses RpnHeadNet::rpn_losses(const AnchorPrediction& predicted, const AssignedAnchors& assigned,
                              const torch::Tensor& counts,
                              const std::vector<DetDataSample>& samples,
                              const ModelRandom& random) const {
  std::vector<DetDataSample> one_class = samples;
  for (DetDataSample& sample : one_class) {
    sample.labels = torch::zeros_like(sample.labels);
    sample.before_copy = nullptr;  // it has the labels of before
  }
  Losses losses = losses_of(predicted, assigned, counts, one_class, random);
  for (auto& [name, value] : losses) name.insert(name.find('_') + 1, "rpn_");
  return losses;
}

RpnHeadNet::Candidates RpnHeadNet::candidates_of(const AnchorPrediction& predicted,
                                                 const std::vector<DetDataSample>& samples,
                                                 const ProposalCfg& config) const {
  const torch::NoGradGuard no_gradients;
  const std::int64_t most = config.nms_pre > 0 ? config.nms_pre : -1;
  std::vector<torch::Tensor> boxes;
  std::vector<torch::Tensor> best_scores;
  std::vector<torch::Tensor> levels;
  for (const DetDataSample& sample : samples) {
    const std::int64_t image = std::ssize(boxes);
    const torch::Tensor scores = scores_in(predicted, image).select(1, 0);
    std::vector<torch::Tensor> rows;
    levels.clear();
    std::int64_t first = 0;
    for (const std::int64_t count : predicted.anchors.per_level) {
      rows.push_back(largest_first(scores.narrow(0, first, count), most) + first);
      levels.push_back(torch::full({rows.back().size(0)}, std::ssize(levels), torch::kLong));
      first += count;
    }
    const torch::Tensor index = torch::cat(rows);
    boxes.push_back(decoded_boxes(options().bbox_coder.get(),
                                  predicted.anchors.boxes.index_select(0, index),
                                  predicted.codes[image].index_select(0, index), sample.img_shape));
    best_scores.push_back(scores.index_select(0, index));
  }
  return {torch::stack(boxes), torch::stack(best_scores), torch::cat(levels)};
}

RpnHeadNet::LossesAndProposals RpnHeadNet::losses_and_proposals(
    const FeatureMaps& levels, const std::vector<DetDataSample>& samples, const ProposalCfg& config,
    const ModelRandom& random) {
  const AnchorPrediction predicted = forward(levels);
  const AssignedAnchors assigned = assign(predicted, levels, samples);
  const Candidates found = candidates_of(predicted, samples, config);
  const std::vector<torch::Tensor> read =
      read_together({found.boxes, found.scores, assigned.counts});
  return {rpn_losses(predicted, assigned, read[2], samples, random),
          proposals_of({read[0], read[1]}, found.levels, config)};
}

Losses RpnHeadNet::losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                          const ModelRandom& random) {
  const AnchorPrediction predicted = forward(levels);
  const AssignedAnchors assigned = assign(predicted, levels, samples);
  const torch::Tensor counts = read_together({assigned.counts}).front();
  return rpn_losses(predicted, assigned, counts, samples, random);
}

std::vector<Detections> RpnHeadNet::predict(const FeatureMaps& levels,
                                            const std::vector<DetDataSample>& samples) {
  const Candidates found = candidates_of(forward(levels), samples, test_cfg_);
  const std::vector<torch::Tensor> read = read_together({found.boxes, found.scores});
  return proposals_of({read[0], read[1]}, found.levels, test_cfg_);
}

std::shared_ptr<RpnHeadNet> make_rpn_head(const RPNHead& params,
                                          const std::optional<AnchorTrainCfg>& train_cfg,
                                          const ProposalCfg& test_cfg) {
  return std::make_shared<RpnHeadNet>(params, train_cfg, test_cfg);
}

}  // namespace pinfeed
