// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, StandardRoIHead.
#include "pinfeed/models/roi_heads/standard_roi_head.h"

#include <utility>

#include "pinfeed/models/roi_heads/roi_extractor.h"

namespace pinfeed {

StandardRoIHeadNet::StandardRoIHeadNet(const StandardRoIHead& params,
                                       std::optional<RcnnTrainCfg> train_cfg, RcnnTestCfg test_cfg)
    : test_cfg_(std::move(test_cfg)) {
  stage_.module = "roi_head";
  stage_.train_cfg = std::move(train_cfg);
  stage_.box_extractor = params.bbox_roi_extractor.get();
  stage_.box_head =
      register_module("bbox_head", std::make_shared<BoxHeadNet>(general(params.bbox_head)));
  if (!params.mask_head) return;
  stage_.shares_regions = !params.mask_roi_extractor;
  stage_.mask_extractor =
      params.mask_roi_extractor ? params.mask_roi_extractor->get() : stage_.box_extractor;
  stage_.mask_head =
      register_module("mask_head", std::make_shared<MaskHeadNet>(params.mask_head->get()));
}

Losses StandardRoIHeadNet::losses(const FeatureMaps& levels,
                                  const std::vector<Detections>& proposals,
                                  const std::vector<DetDataSample>& samples,
                                  const ModelRandom& random) {
  return stage_.train(levels, stage_.sample(proposals, samples, random), samples).losses;
}

std::vector<Detections> StandardRoIHeadNet::predict(const FeatureMaps& levels,
                                                    const std::vector<Detections>& proposals,
                                                    const std::vector<DetDataSample>& samples) {
  const torch::Tensor regions = regions_of(boxes_of(proposals));
  const BoxPrediction predicted = on_host(stage_.predict_boxes(levels, regions));
  const bool with_masks = stage_.mask_head != nullptr;
  std::vector<Detections> found;
  std::int64_t first = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::int64_t count = proposals[i].boxes.size(0);
    found.push_back(stage_.box_head->detections(
        proposals[i].boxes, predicted.classes.narrow(0, first, count),
        predicted.codes.narrow(0, first, count), samples[i], test_cfg_, !with_masks));
    first += count;
  }
  if (!with_masks) return found;
  std::vector<torch::Tensor> labels;
  for (const Detections& image : found) labels.push_back(image.labels);
  const torch::Tensor all = stage_.predict_masks(levels, regions_of(boxes_of(found)));
  add_masks(found, stage_.mask_head->of_labels(all, torch::cat(labels)), samples,
            test_cfg_.mask_thr_binary);
  return found;
}

}  // namespace pinfeed
