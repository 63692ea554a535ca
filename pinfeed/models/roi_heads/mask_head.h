// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/layers/conv.h"
#include "pinfeed/models/task_modules/box_sampler.h"
#include "pinfeed/schemas/roi_schemas.h"

namespace pinfeed {

/// The network of FCNMaskHead. Parameters have the names of mmdet 3.
class MaskHeadNet : public torch::nn::Module {
 public:
  explicit MaskHeadNet(const FCNMaskHead& params);

  /// (K, in_channels, s, s) -> logits (K, classes, 2 s, 2 s); one class with class_agnostic.
  torch::Tensor forward(const torch::Tensor& regions);

  /// The loss of the positives of all images; `logits` are theirs. `mask_size` is that of
  /// train_cfg. Throws Error(config) when a sample has no masks.
  torch::Tensor loss(const torch::Tensor& logits, const std::vector<SampledBoxes>& sampled,
                     const std::vector<DetDataSample>& samples, int mask_size) const;

  /// The probabilities (K, h, w) of the masks of some labels (K), from those of all classes.
  torch::Tensor of_labels(const torch::Tensor& probabilities, const torch::Tensor& labels) const;

 private:
  FCNMaskHead params_;
  std::shared_ptr<ConvStack> convs_ = nullptr;
  torch::nn::ConvTranspose2d upsample_ = nullptr;
  torch::nn::Conv2d conv_logits_ = nullptr;
};

}  // namespace pinfeed
