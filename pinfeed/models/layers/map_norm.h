// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>

#include "pinfeed/models/layers/batch_norm.h"
#include "pinfeed/schemas/map_norm_schema.h"

namespace pinfeed {

/// A normalisation of maps (N, C, H, W): BN, SyncBN or GN. It is registered in the module that it
/// belongs to.
class MapNorm {
 public:
  MapNorm() = default;
  /// Registers the layer in `owner` under `name`.
  MapNorm(torch::nn::Module& owner, const std::string& name, const MapNormCfg& config,
          std::int64_t channels);
  torch::Tensor forward(const torch::Tensor& map);
  const torch::Tensor& weight() const;

 private:
  std::shared_ptr<BatchNorm> batch_ = nullptr;
  torch::nn::GroupNorm group_ = nullptr;
};

/// The name that mmcv gives to such a layer: "bn1" or "gn1" with the postfix "1".
std::string norm_name(const MapNormCfg& config, const std::string& postfix);

}  // namespace pinfeed
