// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/detector_schema.h"

namespace pinfeed {

/// The points of all levels, finest level first, row by row.
struct Points {
  torch::Tensor places = {};   // (P, 2) x, y in pixels of the network's input
  torch::Tensor strides = {};  // (P)
  torch::Tensor ranges = {};   // (P, 2) the distances a point is responsible for
  std::vector<std::int64_t> per_level = {};
};

/// Points in the middle of the cells of maps (.., H, W) of these levels.
Points points_of(const std::vector<torch::Tensor>& maps, const FCOSHead& params);

/// What every point of every image should say.
struct PointTargets {
  torch::Tensor labels = {};     // (N, P) int64; num_classes: background
  torch::Tensor distances = {};  // (N, P, 4) left, top, right, bottom in pixels
};

/// Assigns each point the smallest box that it lies in (or near whose centre it lies) and whose
/// size suits its level.
PointTargets point_targets(const Points& points, const std::vector<Target>& targets,
                           const FCOSHead& params);

/// How far in the middle of their boxes points with these distances (n, 4) are: 1 in the centre.
torch::Tensor centerness_of(const torch::Tensor& distances);

}  // namespace pinfeed
