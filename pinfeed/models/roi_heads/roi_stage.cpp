// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, StandardRoIHead and FCNMaskHead.predict_by_feat.
#include "pinfeed/models/roi_heads/roi_stage.h"

#include "pinfeed/models/dense_heads/prior_losses.h"
#include "pinfeed/models/device_copies.h"
#include "pinfeed/models/roi_heads/paste_masks.h"
#include "pinfeed/models/roi_heads/roi_extractor.h"
#include "pinfeed/models/task_modules/assigner.h"

namespace pinfeed {
namespace {

// The rows of the positives among the samples of all images.
torch::Tensor positive_rows(const std::vector<SampledBoxes>& sampled) {
  std::vector<torch::Tensor> rows;
  std::int64_t first = 0;
  for (const SampledBoxes& image : sampled) {
    rows.push_back(torch::arange(first, first + image.positive.size(0), image.positive.options()));
    first += image.priors.size(0);
  }
  return torch::cat(rows);
}

torch::Tensor positive_regions(const std::vector<SampledBoxes>& sampled) {
  std::vector<torch::Tensor> boxes;
  for (const SampledBoxes& image : sampled) boxes.push_back(image.positive_priors());
  return regions_of(boxes);
}

}  // namespace

std::vector<SampledBoxes> RoIStageNet::sample(const std::vector<Detections>& proposals,
                                              const std::vector<DetDataSample>& samples,
                                              const ModelRandom& random) const {
  require_train_cfg(train_cfg.has_value());
  std::vector<SampledBoxes> all;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const torch::Tensor& priors = proposals[i].boxes;
    const DetDataSample& truth = samples[i].on_host();
    const torch::Tensor objects = assigned(train_cfg->assigner.get(), priors, truth);
    all.push_back(sampled(train_cfg->sampler, priors, objects, read_counts(sample_counts(objects)),
                          truth, {random, static_cast<std::int64_t>(i), module}));
  }
  return all;
}

BoxPrediction RoIStageNet::predict_boxes(const FeatureMaps& levels,
                                         const torch::Tensor& regions) const {
  return box_head->forward(extracted_regions(box_extractor, levels, regions));
}

torch::Tensor RoIStageNet::predict_masks(const FeatureMaps& levels,
                                         const torch::Tensor& regions) const {
  return mask_head->forward(extracted_regions(mask_extractor, levels, regions))
      .to(torch::kFloat)
      .sigmoid();
}

RoIStageNet::Trained RoIStageNet::train(const FeatureMaps& levels,
                                        const std::vector<SampledBoxes>& sampled,
                                        const std::vector<DetDataSample>& samples) const {
  std::vector<torch::Tensor> priors;
  for (const SampledBoxes& image : sampled) priors.push_back(image.priors);
  Trained result;
  const torch::Tensor features = extracted_regions(box_extractor, levels, regions_of(priors));
  result.boxes = box_head->forward(features);
  result.losses = box_head->losses(result.boxes, sampled, train_cfg->pos_weight);
  if (!mask_head) return result;
  const torch::Tensor positives =
      shares_regions ? features.index_select(0, sent(positive_rows(sampled), features.device()))
                     : extracted_regions(mask_extractor, levels, positive_regions(sampled));
  result.losses.emplace_back("loss_mask", mask_head->loss(mask_head->forward(positives), sampled,
                                                          samples, train_cfg->mask_size));
  return result;
}

void add_masks(std::vector<Detections>& found, const torch::Tensor& probabilities,
               const std::vector<DetDataSample>& samples, double threshold) {
  const torch::Tensor cells = read_together({probabilities}).front();
  std::int64_t first = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    const DetDataSample& sample = samples[i];
    const auto width = static_cast<float>(sample.scale_width);
    const auto height = static_cast<float>(sample.scale_height);
    torch::Tensor& boxes = found[i].boxes;
    boxes = boxes / torch::tensor({width, height, width, height}, boxes.options());
    const std::int64_t count = boxes.size(0);
    found[i].masks =
        pasted_masks(cells.narrow(0, first, count), boxes, sample.ori_shape, threshold);
    first += count;
  }
}

std::vector<torch::Tensor> boxes_of(const std::vector<Detections>& found) {
  std::vector<torch::Tensor> boxes;
  for (const Detections& image : found) boxes.push_back(image.boxes);
  return boxes;
}

}  // namespace pinfeed
