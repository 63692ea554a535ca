// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/roi_heads/roi_stage.h"

namespace pinfeed {

/// The network of StandardRoIHead. Parameters have the names of mmdet 3.
class StandardRoIHeadNet : public RoIHead {
 public:
  StandardRoIHeadNet(const StandardRoIHead& params, std::optional<RcnnTrainCfg> train_cfg,
                     RcnnTestCfg test_cfg);
  Losses losses(const FeatureMaps& levels, const std::vector<Detections>& proposals,
                const std::vector<DetDataSample>& samples, const ModelRandom& random) override;
  std::vector<Detections> predict(const FeatureMaps& levels,
                                  const std::vector<Detections>& proposals,
                                  const std::vector<DetDataSample>& samples) override;

 private:
  RoIStageNet stage_ = {};
  RcnnTestCfg test_cfg_;
};

}  // namespace pinfeed
