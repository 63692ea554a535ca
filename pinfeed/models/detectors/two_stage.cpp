// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet 3, TwoStageDetector.
#include "pinfeed/models/detectors/two_stage.h"

#include <utility>

#include "pinfeed/models/detectors/check_input.h"

namespace pinfeed {

TwoStageDetector::TwoStageDetector(std::shared_ptr<Backbone> backbone, std::shared_ptr<Neck> neck,
                                   std::shared_ptr<RpnHeadNet> rpn_head,
                                   std::shared_ptr<RoIHead> roi_head, ProposalCfg proposals)
    : Detector(std::move(backbone), std::move(neck)),
      rpn_head_(register_module("rpn_head", std::move(rpn_head))),
      roi_head_(register_module("roi_head", std::move(roi_head))),
      proposals_(std::move(proposals)) {}

Losses TwoStageDetector::losses(const ModelInput& input) {
  require_samples(input);
  require_truth(input);
  const FeatureMaps levels = extract_features(input);
  auto [losses, proposals] =
      rpn_head_->losses_and_proposals(levels, input.data_samples, proposals_, input.random);
  for (auto& loss : roi_head_->losses(levels, proposals, input.data_samples, input.random))
    losses.push_back(std::move(loss));
  return losses;
}

std::vector<Detections> TwoStageDetector::predict(const ModelInput& input) {
  require_samples(input);
  const FeatureMaps levels = extract_features(input);
  return roi_head_->predict(levels, rpn_head_->predict(levels, input.data_samples),
                            input.data_samples);
}

}  // namespace pinfeed
