// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.1.
#include "pinfeed/models/layers/patches.h"

#include <cmath>

#include "pinfeed/models/ops/linear.h"

namespace pinfeed {
namespace {

// (n, channels): the sines, then the cosines of position * 10000^(-k / (channels / 2)), for k from
// 0 to channels / 2 - 1.
torch::Tensor line_positions(std::int64_t channels, std::int64_t n) {
  const auto real = torch::TensorOptions(torch::kFloat64);
  const torch::Tensor k = torch::arange(channels / 2, real) / (static_cast<double>(channels) / 2.0);
  const torch::Tensor angles = torch::outer(torch::arange(n, real), torch::pow(10000.0, -k));
  return torch::cat({angles.sin(), angles.cos()}, 1);
}

}  // namespace

torch::Tensor patchified(const torch::Tensor& images, std::int64_t side) {
  const std::int64_t rows = images.size(2) / side;
  const std::int64_t columns = images.size(3) / side;
  return images.reshape({images.size(0), images.size(1), rows, side, columns, side})
      .permute({0, 2, 4, 3, 5, 1})
      .reshape({images.size(0), rows * columns, side * side * images.size(1)});
}

torch::Tensor unpatchified(const torch::Tensor& patches, std::int64_t side) {
  const auto rows = static_cast<std::int64_t>(std::lround(std::sqrt(double(patches.size(1)))));
  return patches.reshape({patches.size(0), rows, rows, side, side, 3})
      .permute({0, 5, 1, 3, 2, 4})
      .reshape({patches.size(0), 3, rows * side, rows * side});
}

torch::Tensor sin_cos_positions(std::int64_t channels, std::int64_t rows, std::int64_t columns) {
  const std::int64_t half = channels / 2;
  const torch::Tensor x = line_positions(half, columns).unsqueeze(0).expand({rows, columns, half});
  const torch::Tensor y = line_positions(half, rows).unsqueeze(1).expand({rows, columns, half});
  const torch::Tensor grid = torch::cat({x, y}, 2).reshape({rows * columns, channels});
  return torch::cat({torch::zeros({1, channels}, grid.options()), grid}, 0)
      .to(torch::kFloat32)
      .unsqueeze(0);
}

PatchEmbed::PatchEmbed(std::int64_t side, std::int64_t in_channels, std::int64_t channels)
    : side_(side) {
  proj = register_module(
      "proj",
      torch::nn::Conv2d(torch::nn::Conv2dOptions(in_channels, channels, side).stride(side)));
}

torch::Tensor PatchEmbed::embed(const torch::Tensor& patches) {
  const torch::Tensor weight = proj->weight.permute({0, 2, 3, 1}).flatten(1);
  return linear(patches, weight, proj->bias);
}

torch::Tensor PatchEmbed::forward(const torch::Tensor& images) {
  const torch::Tensor tokens = embed(patchified(images, side_));
  return tokens.view({images.size(0), images.size(2) / side_, images.size(3) / side_, -1});
}

}  // namespace pinfeed
