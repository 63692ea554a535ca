// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "pinfeed/models/detector_parts.h"
#include "pinfeed/models/layers/conv.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// Simple feature pyramid (docs/specs/openmmlab-data.md, 5.3). Parameters have the names of mmdet's
/// SimpleFPN.
class FpnNet : public Neck {
 public:
  explicit FpnNet(const SimpleFPN& params);
  /// One map (N, backbone_channel, H, W) -> num_outs levels.
  FeatureMaps forward(const FeatureMaps& maps) override;
  std::vector<std::int64_t> out_channels() const override;

 private:
  FeatureMaps scales(const torch::Tensor& map);

  std::int64_t levels_;
  std::int64_t channels_;
  torch::nn::ConvTranspose2d up_ = nullptr;         // fpn1.0
  std::shared_ptr<ChannelNorm> up_norm_ = nullptr;  // fpn1.1
  torch::nn::ConvTranspose2d up_again_ = nullptr;   // fpn1.3
  torch::nn::ConvTranspose2d up_once_ = nullptr;    // fpn2.0
  std::vector<std::shared_ptr<ConvNorm>> lateral_ = {};
  std::vector<std::shared_ptr<ConvNorm>> smooth_ = {};
};

std::shared_ptr<Neck> make_neck(const SimpleFPN& params);

}  // namespace pinfeed
