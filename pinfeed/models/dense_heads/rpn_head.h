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

  /// What a detector with a second stage needs in training.
  struct LossesAndProposals {
    Losses losses = {};                      // loss_rpn_cls, loss_rpn_bbox
    std::vector<Detections> proposals = {};  // as those of predict(), without gradients
  };
  /// The host waits for the device once, for the proposals and the numbers of anchors together.
  LossesAndProposals losses_and_proposals(const FeatureMaps& levels,
                                          const std::vector<DetDataSample>& samples,
                                          const ProposalCfg& config, const ModelRandom& random);

  Losses losses(const FeatureMaps& levels, const std::vector<DetDataSample>& samples,
                const ModelRandom& random) override;
  /// The proposals in each image, best first, in pixels of the network's input and in memory of the
  /// host.
  std::vector<Detections> predict(const FeatureMaps& levels,
                                  const std::vector<DetDataSample>& samples) override;

 private:
  // The best anchors of each level, refined, of which NMS takes the proposals.
  struct Candidates {
    torch::Tensor boxes = {};   // (N, K, 4)
    torch::Tensor scores = {};  // (N, K)
    torch::Tensor levels = {};  // (K) int64, on the host
  };
  Candidates candidates_of(const AnchorPrediction& predicted,
                           const std::vector<DetDataSample>& samples,
                           const ProposalCfg& config) const;
  Losses rpn_losses(const AnchorPrediction& predicted, const AssignedAnchors& assigned,
                    const torch::Tensor& counts, const std::vector<DetDataSample>& samples,
                    const ModelRandom& random) const;
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
