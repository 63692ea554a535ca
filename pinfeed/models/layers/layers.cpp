// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/layers/layers.h"

namespace pinfeed {

torch::nn::LayerNorm layer_norm(std::int64_t channels, double eps) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({channels}).eps(eps));
}

ChannelNorm::ChannelNorm(std::int64_t channels, double eps) : eps_(eps) {
  weight = register_parameter("weight", torch::ones({channels}));
  bias = register_parameter("bias", torch::zeros({channels}));
}

// A map in channels-last order is already a list of pixels, so the permutations copy nothing.
torch::Tensor ChannelNorm::forward(const torch::Tensor& map) {
  const torch::Tensor pixels = map.permute({0, 2, 3, 1});
  return torch::layer_norm(pixels, {pixels.size(3)}, weight, bias, eps_).permute({0, 3, 1, 2});
}

torch::Tensor flat_indices(const torch::Tensor& indices, std::int64_t length) {
  const torch::Tensor first = torch::arange(indices.size(0), indices.options()).mul_(length);
  return (indices + first.unsqueeze(1)).flatten();
}

LayerDepth vit_layer_depth(const std::string& parameter, int depth) {
  const auto begins = [&](std::string_view prefix) { return parameter.rfind(prefix, 0) == 0; };
  if (begins("patch_embed.") || begins("pos_embed") || begins("cls_token")) return {0, depth + 2};
  if (begins("blocks.")) return {std::stoi(parameter.substr(7)) + 1, depth + 2};
  return {depth + 1, depth + 2};
}

}  // namespace pinfeed
