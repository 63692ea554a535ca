// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/detectors/single_stage.h"

#include <utility>

#include "pinfeed/models/detectors/check_input.h"

namespace pinfeed {
SingleStageDetector::SingleStageDetector(std::shared_ptr<Backbone> backbone,
                                         std::shared_ptr<Neck> neck,
                                         std::shared_ptr<DenseHead> bbox_head)
    : Detector(std::move(backbone), std::move(neck)),
      bbox_head_(register_module("bbox_head", std::move(bbox_head))) {}

Losses SingleStageDetector::losses(const ModelInput& input) {
  require_samples(input);
  require_truth(input);
  return bbox_head_->losses(extract_features(input), input.data_samples, input.random);
}

std::vector<Detections> SingleStageDetector::predict(const ModelInput& input) {
  require_samples(input);
  return bbox_head_->predict(extract_features(input), input.data_samples);
}

}  // namespace pinfeed
