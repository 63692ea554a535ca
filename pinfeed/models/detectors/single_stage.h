// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/detector.h"

namespace pinfeed {

/// A detector with one dense head, "bbox_head", as mmdet's SingleStageDetector. FCOS is one of
/// these. Throws Error(config) for a batch without a data sample for each image, and
/// for one without ground truth in training.
class SingleStageDetector : public Detector {
 public:
  SingleStageDetector(std::shared_ptr<Backbone> backbone, std::shared_ptr<Neck> neck,
                      std::shared_ptr<DenseHead> bbox_head);
  Losses losses(const ModelInput& input) override;
  std::vector<Detections> predict(const ModelInput& input) override;

 private:
  std::shared_ptr<DenseHead> bbox_head_;
};

}  // namespace pinfeed
