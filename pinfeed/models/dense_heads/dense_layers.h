// SPDX-License-Identifier: Apache-2.0
// Layers that several dense heads have.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <vector>

namespace pinfeed {

/// A convolution with weights of a normal distribution with std 0.01, which keeps the size of its
/// input.
torch::nn::Conv2d normal_conv(std::int64_t in_channels, std::int64_t channels, std::int64_t kernel,
                              double bias = 0.0);

/// Registers a factor of 1 for each level in `head`, as `scales.0.scale` and so on.
std::vector<torch::Tensor> register_scales(torch::nn::Module& head, std::size_t levels);

}  // namespace pinfeed
