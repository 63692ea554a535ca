// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

#include "pinfeed/core/geometry.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// The anchors of all levels for feature maps of some sizes: finest level first, row by row, the
/// anchors of a position side by side.
struct Anchors {
  torch::Tensor boxes = {};                  // (A, 4) float32, pixels of the input
  torch::Tensor on_host = {};                // the same in memory of the host
  std::vector<std::int64_t> per_level = {};  // their numbers; the sum is A
};

/// As mmdet's AnchorGenerator.grid_priors. `maps` are (N, C, H, W), one for each stride.
Anchors anchors_of(const AnchorGenerator& params, const std::vector<torch::Tensor>& maps);

/// Which anchors lie at positions that are not only padding, and not farther than `allowed_border`
/// pixels outside the image: (A) bool, on the host. `padded` is the size of the image with its own
/// padding.
torch::Tensor usable_anchors(const AnchorGenerator& params, const Anchors& anchors,
                             const std::vector<torch::Tensor>& maps, Size image, Size padded,
                             int allowed_border);

}  // namespace pinfeed
