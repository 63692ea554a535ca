// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// The points of all levels, finest level first, row by row.
struct Points {
  torch::Tensor centers = {};  // (P, 2) x, y in pixels of the network's input
  torch::Tensor strides = {};  // (P)
  torch::Tensor ranges = {};   // (P, 2) the distances a point is responsible for
  std::vector<std::int64_t> per_level = {};
};

/// The centers of the cells of maps (.., H, W), one map per level.
Points points_of(const std::vector<torch::Tensor>& maps, const FCOSHead& params);

/// What the head should predict at every point of every image.
struct PointTargets {
  torch::Tensor labels = {};     // (N, P) int64; num_classes: background
  torch::Tensor distances = {};  // (N, P, 4) left, top, right, bottom in pixels
};

/// Assigns to each point the smallest box that contains it (with center_sampling: whose center is
/// near it) and whose size is in the range of the level.
PointTargets point_targets(const Points& points, const std::vector<DetDataSample>& samples,
                           const FCOSHead& params);

/// The centerness of points with these distances (n, 4) to the sides of their boxes: 1 in the
/// center, 0 at a side.
torch::Tensor centerness_of(const torch::Tensor& distances);

}  // namespace pinfeed
