// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>

namespace pinfeed {

/// How values in a line become more or fewer, as by torch's upsample functions without
/// align_corners.
enum class Resampling { linear, bicubic };

/// Resamples along one dimension as a product with a matrix. Unlike torch's upsample functions its
/// gradient is reproducible on a GPU. Keeps the matrix that was used last.
class ResampleMatrix {
 public:
  explicit ResampleMatrix(Resampling kind) : kind_(kind) {}

  /// (from, ...) -> (to, ...), in the dtype of `line` also under autocast.
  torch::Tensor operator()(const torch::Tensor& line, std::int64_t to);

 private:
  Resampling kind_;
  torch::Tensor matrix_ = {};
};

}  // namespace pinfeed
