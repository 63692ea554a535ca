// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/models/dense_heads/anchor_targets.h"
#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/task_modules/anchors.h"
#include "pinfeed/schemas/anchor_head_schemas.h"

namespace pinfeed {

/// What a head predicts for every anchor of every image.
struct AnchorPrediction {
  torch::Tensor classes = {};  // (N, A, c) logits
  torch::Tensor codes = {};    // (N, A, 4)
  Anchors anchors = {};
};

/// The same values on the host, without gradients. The host waits for the device once.
AnchorPrediction on_host(const AnchorPrediction& predicted);

/// (N, a * c, H, W) -> (N, H * W * a, c).
torch::Tensor by_anchor(const torch::Tensor& map, std::int64_t channels);

/// A dense head that refines anchors. A derived class has the layers. Parameters have the names of
/// mmdet 3.
class AnchorHeadNet : public DenseHead {
 public:
  /// `module` names the head for random numbers. Without `train_cfg` it can only detect.
  AnchorHeadNet(AnchorHeadOptions options, int num_classes, std::optional<AnchorTrainCfg> train_cfg,
                std::string module);

  AnchorPrediction forward(const FeatureMaps& levels);
  /// The objects of all anchors. Throws Error(config) without train_cfg, and Error(data) for an
  /// image in which no anchor may be used.
  AssignedAnchors assign(const AnchorPrediction& predicted, const FeatureMaps& levels,
                         const std::vector<DetDataSample>& samples) const;
  /// loss_cls and loss_bbox. `counts` are those of `assigned` in memory of the host.
  Losses losses_of(const AnchorPrediction& predicted, const AssignedAnchors& assigned,
                   const torch::Tensor& counts, const std::vector<DetDataSample>& samples,
                   const ModelRandom& random) const;

 protected:
  /// Logits (N, a * c, H, W) and codes (N, a * 4, H, W) of a level.
  virtual std::pair<torch::Tensor, torch::Tensor> forward_level(const torch::Tensor& level) = 0;

  const AnchorHeadOptions& options() const { return options_; }
  /// The logits of an anchor.
  std::int64_t class_channels() const;
  std::int64_t anchors_per_position() const;
  /// The probability of every class, (A, classes), in one image.
  torch::Tensor scores_in(const AnchorPrediction& predicted, std::int64_t image) const;

 private:
  AnchorRules rules() const;
  torch::Tensor class_loss_of(const torch::Tensor& logits, const AnchorTargets& targets) const;

  AnchorHeadOptions options_;
  int num_classes_;
  std::optional<AnchorTrainCfg> train_cfg_;
  std::string module_;
};

}  // namespace pinfeed
