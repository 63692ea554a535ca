// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/dense_heads/anchor_head.h"
#include "pinfeed/models/layers/conv.h"

namespace pinfeed {

/// The network of RetinaHead. Parameters have the names of mmdet 3.
class RetinaHeadNet : public AnchorHeadNet {
 public:
  RetinaHeadNet(const RetinaHead& params, const std::optional<AnchorTrainCfg>& train_cfg,
                DenseTestCfg test_cfg);
  Losses losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                const ModelRandom& random) override;
  std::vector<Detections> predict(const FeatureMaps& levels,
                                  const std::vector<DetDataSample>& samples) override;

 private:
  std::pair<torch::Tensor, torch::Tensor> forward_level(const torch::Tensor& level) override;

  DenseTestCfg test_cfg_;
  std::shared_ptr<ConvStack> cls_convs_ = nullptr;
  std::shared_ptr<ConvStack> reg_convs_ = nullptr;
  torch::nn::Conv2d retina_cls_ = nullptr;
  torch::nn::Conv2d retina_reg_ = nullptr;
};

std::shared_ptr<DenseHead> make_dense_head(const RetinaHead& params,
                                           const std::optional<AnchorTrainCfg>& train_cfg,
                                           const DenseTestCfg& test_cfg);

}  // namespace pinfeed
