// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, CascadeRoIHead and BBoxHead.refine_bboxes.
//
// In training, the proposals of a stage are the finite boxes that the stage before made of its
// samples, without those that were boxes of the truth. In detection, the scores of a proposal are
// the mean logits of all stages, and its masks the mean probabilities; its box is that of the last
// stage.
#include "pinfeed/models/roi_heads/cascade_roi_head.h"

#include <string>
#include <utility>

#include "pinfeed/models/dense_heads/candidates.h"
#include "pinfeed/models/roi_heads/roi_extractor.h"

namespace pinfeed {
namespace {

// The best label of each row that is not the background.
torch::Tensor best_labels(const torch::Tensor& logits) {
  return logits.narrow(1, 0, logits.size(1) - 1).argmax(1);
}

// The proposals of the next stage.
std::vector<Detections> next_proposals(const BoxHeadNet& head, const BoxPrediction& predicted,
                                       const std::vector<SampledBoxes>& sampled,
                                       const std::vector<DetDataSample>& samples) {
  const torch::NoGradGuard no_gradients;
  const BoxPrediction there = on_host(predicted);
  std::vector<Detections> proposals;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < sampled.size(); ++i) {
    const SampledBoxes& image = sampled[i];
    const std::int64_t count = image.priors.size(0);
    const std::int64_t positives = image.positive.size(0);
    torch::Tensor labels = best_labels(there.classes.narrow(0, first, count));
    labels.narrow(0, 0, positives).copy_(image.truth_labels);
    const torch::Tensor boxes = head.refined(
        image.priors, labels, there.codes.narrow(0, first, count), samples[i].img_shape);
    torch::Tensor used = finite_rows(boxes);
    used.narrow(0, 0, positives).logical_and_(~image.is_truth);
    proposals.push_back({.boxes = boxes.index_select(0, used.nonzero().squeeze(1))});
    first += count;
  }
  return proposals;
}

}  // namespace

CascadeRoIHeadNet::CascadeRoIHeadNet(const CascadeRoIHead& params,
                                     const std::optional<PerStage<RcnnTrainCfg>>& train_cfg,
                                     RcnnTestCfg test_cfg)
    : loss_weights_(params.stage_loss_weights), test_cfg_(std::move(test_cfg)) {
  const auto boxes = register_module("bbox_head", std::make_shared<torch::nn::Module>());
  for (std::size_t i = 0; i < static_cast<std::size_t>(params.num_stages); ++i) {
    const std::string number = std::to_string(i);
    RoIStageNet& stage = stages_.emplace_back();
    stage.box_extractor = params.bbox_roi_extractor.at(i).get();
    stage.module = "roi_head.";
    stage.module += number;
    if (train_cfg) stage.train_cfg = train_cfg->at(i);
    stage.box_head = boxes->register_module(
        number, std::make_shared<BoxHeadNet>(general(params.bbox_head.at(i))));
  }
  if (!params.mask_head) return;
  const auto masks = register_module("mask_head", std::make_shared<torch::nn::Module>());
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    stages_[i].mask_extractor = params.mask_roi_extractor ? params.mask_roi_extractor->at(i).get()
                                                          : stages_[i].box_extractor;
    stages_[i].mask_head = masks->register_module(
        std::to_string(i), std::make_shared<MaskHeadNet>(params.mask_head->at(i).get()));
  }
}

Losses CascadeRoIHeadNet::losses(const FeatureMaps& levels,
                                 const std::vector<Detections>& proposals,
                                 const std::vector<DetDataSample>& samples,
                                 const ModelRandom& random) {
  Losses losses;
  std::vector<Detections> current = proposals;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const std::vector<SampledBoxes> sampled = stages_[i].sample(current, samples, random);
    const RoIStageNet::Trained trained = stages_[i].train(levels, sampled, samples);
    const std::string prefix = std::string("s").append(std::to_string(i)).append(".");
    for (const auto& [name, value] : trained.losses) {
      const bool is_loss = name.find("loss") != std::string::npos;
      losses.emplace_back(prefix + name, is_loss ? value * loss_weights_[i] : value);
    }
    if (i + 1 < stages_.size())
      current = next_proposals(*stages_[i].box_head, trained.boxes, sampled, samples);
  }
  return losses;
}

// The boxes of the last stage, and the mean logits of all.
CascadeRoIHeadNet::Refined CascadeRoIHeadNet::refine(const FeatureMaps& levels,
                                                     const std::vector<Detections>& proposals,
                                                     const std::vector<DetDataSample>& samples) {
  Refined result{.boxes = boxes_of(proposals)};
  for (std::size_t s = 0; s < stages_.size(); ++s) {
    const BoxPrediction predicted =
        on_host(stages_[s].predict_boxes(levels, regions_of(result.boxes)));
    result.logits = s == 0 ? predicted.classes : result.logits + predicted.classes;
    result.codes = predicted.codes;
    std::int64_t first = 0;
    for (std::size_t i = 0; i < samples.size() && s + 1 < stages_.size(); ++i) {
      const std::int64_t count = result.boxes[i].size(0);
      result.boxes[i] = stages_[s].box_head->refined(
          result.boxes[i], best_labels(predicted.classes.narrow(0, first, count)),
          predicted.codes.narrow(0, first, count), samples[i].img_shape);
      first += count;
    }
  }
  result.logits = result.logits / static_cast<double>(stages_.size());
  return result;
}

torch::Tensor CascadeRoIHeadNet::mean_masks(const FeatureMaps& levels,
                                            const std::vector<Detections>& found) const {
  const torch::Tensor rows = regions_of(boxes_of(found));
  std::vector<torch::Tensor> labels;
  for (const Detections& image : found) labels.push_back(image.labels);
  torch::Tensor sum;
  for (const RoIStageNet& stage : stages_) {
    const torch::Tensor own =
        stage.mask_head->of_labels(stage.predict_masks(levels, rows), torch::cat(labels));
    sum = sum.defined() ? sum + own : own;
  }
  return sum / static_cast<double>(stages_.size());
}

std::vector<Detections> CascadeRoIHeadNet::predict(const FeatureMaps& levels,
                                                   const std::vector<Detections>& proposals,
                                                   const std::vector<DetDataSample>& samples) {
  const Refined refined = refine(levels, proposals, samples);
  const RoIStageNet& last = stages_.back();
  std::vector<Detections> found;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::int64_t count = refined.boxes[i].size(0);
    found.push_back(last.box_head->detections(
        refined.boxes[i], refined.logits.narrow(0, first, count),
        refined.codes.narrow(0, first, count), samples[i], test_cfg_, last.mask_head == nullptr));
    first += count;
  }
  if (last.mask_head) {
    add_masks(found, mean_masks(levels, found), samples, test_cfg_.mask_thr_binary);
  }
  return found;
}

}  // namespace pinfeed
