// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>
#include <utility>

namespace pinfeed {

torch::nn::LayerNorm layer_norm(std::int64_t channels, double eps);

/// Layer normalisation over the channels of each pixel of (N, C, H, W).
class ChannelNorm : public torch::nn::Module {
 public:
  ChannelNorm(std::int64_t channels, double eps);
  torch::Tensor forward(const torch::Tensor& map);

  torch::Tensor weight = {};
  torch::Tensor bias = {};

 private:
  double eps_;
};

/// Places (N, k) within samples of `length` rows, as places among the rows of all samples: (N * k).
torch::Tensor flat_places(const torch::Tensor& places, std::int64_t length);

/// The layer of an encoder's parameter, named as in the original checkpoints, and how many there
/// are: the embeddings are 0, block i is i + 1, everything else depth + 1.
std::pair<int, int> vit_layer_depth(const std::string& parameter, int depth);

}  // namespace pinfeed
