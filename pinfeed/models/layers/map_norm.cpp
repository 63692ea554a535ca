// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/layers/map_norm.h"

namespace pinfeed {

MapNorm::MapNorm(torch::nn::Module& owner, const std::string& name, const MapNormCfg& config,
                 std::int64_t channels) {
  if (const GN* group = config.as<GN>()) {
    const auto options = torch::nn::GroupNormOptions(group->num_groups, channels).eps(group->eps);
    group_ = owner.register_module(name, torch::nn::GroupNorm(options));
    return;
  }
  const BN& batch = *batch_norm_of(config);
  const auto options =
      torch::nn::BatchNorm2dOptions(channels).eps(batch.eps).momentum(batch.momentum);
  const bool synchronized = config.as<SyncBN>() != nullptr;
  batch_ = owner.register_module(name, std::make_shared<BatchNorm>(options, synchronized));
  batch_->weight.requires_grad_(batch.requires_grad);
  batch_->bias.requires_grad_(batch.requires_grad);
}

torch::Tensor MapNorm::forward(const torch::Tensor& map) {
  return group_ ? group_->forward(map) : batch_->forward(map);
}

const torch::Tensor& MapNorm::weight() const { return group_ ? group_->weight : batch_->weight; }

std::string norm_name(const MapNormCfg& config, const std::string& postfix) {
  return (config.as<GN>() != nullptr ? "gn" : "bn") + postfix;
}

}  // namespace pinfeed
