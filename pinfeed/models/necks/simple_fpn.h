// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/layers/conv.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// Simple feature pyramid (docs/specs/openmmlab-data.md, 5.3). Parameters are named as in mmdet's
/// SimpleFPN.
class FpnNet : public torch::nn::Module {
 public:
  explicit FpnNet(const SimpleFPN& params);
  /// (N, backbone_channel, H, W) -> num_outs maps, finest first.
  std::vector<torch::Tensor> forward(const torch::Tensor& map);

 private:
  std::vector<torch::Tensor> scales(const torch::Tensor& map);

  std::int64_t levels_;
  torch::nn::ConvTranspose2d up_ = nullptr;         // fpn1.0
  std::shared_ptr<ChannelNorm> up_norm_ = nullptr;  // fpn1.1
  torch::nn::ConvTranspose2d up_again_ = nullptr;   // fpn1.3
  torch::nn::ConvTranspose2d up_once_ = nullptr;    // fpn2.0
  std::vector<std::shared_ptr<ConvNorm>> lateral_ = {};
  std::vector<std::shared_ptr<ConvNorm>> smooth_ = {};
};

}  // namespace pinfeed
