// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/roi_heads/roi_stage.h"

namespace pinfeed {

/// The network of CascadeRoIHead. Parameters have the names of mmdet 3.
class CascadeRoIHeadNet : public RoIHead {
 public:
  /// `train_cfg` is of each stage; without it the head can only detect.
  CascadeRoIHeadNet(const CascadeRoIHead& params,
                    const std::optional<PerStage<RcnnTrainCfg>>& train_cfg, RcnnTestCfg test_cfg);
  /// The losses of all stages; the name of those of stage i begins with "s<i>.".
  Losses losses(const FeatureMaps& levels, const std::vector<Detections>& proposals,
                const std::vector<DetDataSample>& samples, const ModelRandom& random) override;
  std::vector<Detections> predict(const FeatureMaps& levels,
                                  const std::vector<Detections>& proposals,
                                  const std::vector<DetDataSample>& samples) override;

 private:
  /// What the box heads predict for the proposals, one image after the other, on the host.
  struct Refined {
    std::vector<torch::Tensor> boxes = {};  // of each image (n, 4), the regions of the last stage
    torch::Tensor logits = {};              // of all images
    torch::Tensor codes = {};
  };
  Refined refine(const FeatureMaps& levels, const std::vector<Detections>& proposals,
                 const std::vector<DetDataSample>& samples);
  /// The mean probabilities (K, h, w) of the masks of all detections.
  torch::Tensor mean_masks(const FeatureMaps& levels, const std::vector<Detections>& found) const;

  std::vector<RoIStageNet> stages_ = {};
  std::vector<double> loss_weights_;
  RcnnTestCfg test_cfg_;
};

}  // namespace pinfeed
