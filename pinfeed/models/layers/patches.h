// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pinfeed {

/// Splits images (N, C, H, W) into square patches: (N, L, side * side * C), patches in rows, the
/// numbers of a patch as (row, column, channel). H and W are multiples of `side`.
torch::Tensor patchified(const torch::Tensor& images, std::int64_t side);

/// The inverse of patchified() for square images of 3 channels: (N, 3, H, H).
torch::Tensor unpatchified(const torch::Tensor& patches, std::int64_t side);

/// Fixed 2-D sine and cosine embedding (1, 1 + rows * columns, channels), float32: the first half
/// of the channels encodes the column, the second the row; the class token at index 0 is all zeros.
/// `channels` is a multiple of 4.
torch::Tensor sin_cos_positions(std::int64_t channels, std::int64_t rows, std::int64_t columns);

/// Embeds square patches by one matrix product; the weight has the layout of a convolution.
class PatchEmbed : public torch::nn::Module {
 public:
  PatchEmbed(std::int64_t side, std::int64_t in_channels, std::int64_t channels);
  /// (N, C, H, W) -> (N, rows, columns, channels).
  torch::Tensor forward(const torch::Tensor& images);
  /// Patches as `patchified` gives them: (..., side * side * C) -> (..., channels).
  torch::Tensor embed(const torch::Tensor& patches);

  torch::nn::Conv2d proj = nullptr;

 private:
  std::int64_t side_;
};

}  // namespace pinfeed
