// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/dense_heads/rpn_head.h"
#include "pinfeed/models/detector.h"

namespace pinfeed {

/// A detector that proposes regions ("rpn_head") and refines them ("roi_head"), as mmdet's
/// TwoStageDetector. Throws Error(config) for a batch without a data sample for each image, and for
/// one without ground truth in training.
class TwoStageDetector : public Detector {
 public:
  /// `proposals` makes the proposals of training.
  TwoStageDetector(std::shared_ptr<Backbone> backbone, std::shared_ptr<Neck> neck,
                   std::shared_ptr<RpnHeadNet> rpn_head, std::shared_ptr<RoIHead> roi_head,
                   ProposalCfg proposals);
  Losses losses(const ModelInput& input) override;
  std::vector<Detections> predict(const ModelInput& input) override;

 private:
  std::shared_ptr<RpnHeadNet> rpn_head_;
  std::shared_ptr<RoIHead> roi_head_;
  ProposalCfg proposals_;
};

}  // namespace pinfeed
