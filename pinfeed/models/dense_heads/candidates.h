// SPDX-License-Identifier: Apache-2.0
// What the detections of all dense heads have in common.
#pragma once

#include <torch/torch.h>

#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/detection_schemas.h"

namespace pinfeed {

/// Pairs of a point (or an anchor) and a class, on the host.
struct ScoredPoints {
  torch::Tensor points = {};  // indices into all points
  torch::Tensor labels = {};
  torch::Tensor scores = {};  // of the class alone
};

/// The largest `most` of numbers (n) on the host, the largest first; equal ones keep their order,
/// and NaN is the smallest. -1: all.
torch::Tensor largest_first(const torch::Tensor& numbers, std::int64_t most);

/// Of every level the pairs with the best scores above the threshold, best first. `scores` is
/// (P, classes) on the host, `per_level` the points of each level.
ScoredPoints best_points(const torch::Tensor& scores, const std::vector<std::int64_t>& per_level,
                         const DenseTestCfg& test_cfg);

/// Boxes (n, 4) of the network's input in pixels of the stored image.
torch::Tensor in_stored_pixels(const torch::Tensor& boxes, const DetDataSample& sample);

/// Which boxes (n, 4) have no infinite coordinate and none that is NaN: (n) bool.
torch::Tensor finite_rows(const torch::Tensor& boxes);

/// The detections without duplicates, best first, at most `most`; -1: all. Those with a score or a
/// coordinate that is infinite or NaN are removed, and with `min_side` >= 0 those whose sides are
/// not both longer. On the host.
Detections without_duplicates(const Detections& found, const Suppression& nms, std::int64_t most,
                              double min_side = -1.0);

/// Some rows of detections.
Detections rows_of(const Detections& found, const torch::Tensor& rows);

}  // namespace pinfeed
