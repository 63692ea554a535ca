// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <vector>

#include "pinfeed/models/layers/layers.h"
#include "pinfeed/models/layers/map_norm.h"

namespace pinfeed {

/// A convolution and what follows it.
struct ConvShape {
  std::int64_t in_channels = 0;
  std::int64_t channels = 0;
  std::int64_t kernel = 3;  // odd; padded so that the map keeps its size
  bool bias = false;
  std::int64_t groups = 0;    // of a group normalisation; 0: none
  bool channel_norm = false;  // a layer normalisation over channels
  double eps = 1e-5;
  bool relu = false;
  std::optional<MapNormCfg> norm = {};  // another way to choose the normalisation
  std::int64_t stride = 1;
  double std = 0.0;  // of the initial weights, from a normal distribution; 0: mmcv's weights
};

/// Convolution, normalisation, activation. Children have mmcv's names: conv, bn, gn or norm_layer.
class ConvNorm : public torch::nn::Module {
 public:
  explicit ConvNorm(const ConvShape& shape);
  torch::Tensor forward(const torch::Tensor& map);

  torch::nn::Conv2d conv = nullptr;

 private:
  torch::nn::GroupNorm gn_ = nullptr;
  std::shared_ptr<ChannelNorm> norm_layer_ = nullptr;
  std::optional<MapNorm> norm_ = {};
  bool relu_;
};

/// The shape of a convolution before the predictions of a dense head: with a ReLU, and weights of
/// std 0.01.
ConvShape tower_conv(std::int64_t in_channels, std::int64_t channels, bool bias,
                     const std::optional<OneOf<GN>>& norm);

/// Convolutions one after the other, named by their numbers.
class ConvStack : public torch::nn::Module {
 public:
  /// The first convolution reads shape.in_channels, the others shape.channels.
  ConvStack(int count, ConvShape shape);
  torch::Tensor forward(torch::Tensor map);

 private:
  std::vector<std::shared_ptr<ConvNorm>> convs_ = {};
};

}  // namespace pinfeed
