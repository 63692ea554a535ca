// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/dense_heads/anchor_head.h"
#include "pinfeed/models/layers/conv.h"

namespace pinfeed {

/// The network of RPNHead. Parameters have the names of mmdet 3.
class RpnHeadNet : public AnchorHeadNet {
 public:
  /// `test_cfg` makes the proposals of predict().
  RpnHeadNet(const RPNHead& params, const std::optional<AnchorTrainCfg>& train_cfg,
             ProposalCfg test_cfg);

  /// loss_rpn_cls and loss_rpn_bbox: all objects are of one class.
  Losses rpn_losses(const AnchorPrediction& predicted, const FeatureMaps& levels,
                    const std::vector<DetDataSample>& samples, const ModelRandom& random) const;
  /// The proposals in each image, best first, in pixels of the network's input, without gradients.
  std::vector<Detections> proposals(const AnchorPrediction& predicted,
                                    const std::vector<DetDataSample>& samples,
                                    const ProposalCfg& config) const;

  Losses losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                const ModelRandom& random) override;
  std::vector<Detections> predict(const FeatureMaps& levels,
                                  const std::vector<DetDataSample>& samples) override;

 private:
  std::pair<torch::Tensor, torch::Tensor> forward_level(const torch::Tensor& level) override;

  ProposalCfg test_cfg_;
  torch::nn::Conv2d rpn_conv_ = nullptr;            // with num_convs=1
  std::shared_ptr<ConvStack> rpn_convs_ = nullptr;  // with more
  torch::nn::Conv2d rpn_cls_ = nullptr;
  torch::nn::Conv2d rpn_reg_ = nullptr;
};

std::shared_ptr<RpnHeadNet> make_rpn_head(const RPNHead& params,
                                          const std::optional<AnchorTrainCfg>& train_cfg,
                                          const ProposalCfg& test_cfg);

}  // namespace pinfeed
