// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <vector>

#include "pinfeed/models/layers/map_norm.h"
#include "pinfeed/schemas/resnet_schema.h"

namespace pinfeed {

/// The sizes of one residual block.
struct ResidualShape {
  std::int64_t in_channels = 64;
  std::int64_t channels = 64;  // of its inner convolutions
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  bool bottleneck = false;  // three convolutions; the last has 4 * channels
  bool caffe = false;       // the first convolution of a bottleneck has the stride
  MapNormCfg norm = {};

  std::int64_t out_channels() const { return bottleneck ? 4 * channels : channels; }
};

/// Two or three convolutions beside a shortcut. Children have torchvision's names: conv1, bn1, ...,
/// downsample.0, downsample.1.
class ResidualBlock : public torch::nn::Module {
 public:
  explicit ResidualBlock(const ResidualShape& shape);
  /// (N, in_channels, H, W) -> (N, out_channels, ceil(H / stride), ceil(W / stride)).
  torch::Tensor forward(const torch::Tensor& map);
  /// Lets the block begin as its shortcut.
  void zero_last_norm();

 private:
  struct Step {
    torch::nn::Conv2d conv = nullptr;
    MapNorm norm = {};
  };
  Step make_step(const torch::nn::Conv2dOptions& options, const MapNormCfg& norm);

  std::vector<Step> steps_ = {};
  Step shortcut_ = {};  // without a convolution: the input itself
};

}  // namespace pinfeed
