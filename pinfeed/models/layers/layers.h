// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>

#include "pinfeed/models/model.h"

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

/// Row indices (N, k) within samples of `length` rows, as indices into the rows of all samples:
/// (N * k).
torch::Tensor flat_indices(const torch::Tensor& indices, std::int64_t length);

/// The layer depth of an encoder's parameter, named as in MAE's checkpoints: the embeddings have 0,
/// block i has i + 1, everything else depth + 1.
LayerDepth vit_layer_depth(const std::string& parameter, int depth);

}  // namespace pinfeed
