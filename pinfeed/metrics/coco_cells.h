// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "pinfeed/metrics/coco_match.h"

namespace pinfeed {

constexpr std::size_t recall_points = 101;
constexpr std::size_t max_count = 3;  // maxima of detections that are used for one image

/// The precision and recall of one category, area range and maximum of detections; -1 where there
/// is nothing to measure.
struct CocoCell {
  std::array<std::array<double, recall_points>, iou_thresholds> precision = {};
  std::array<double, iou_thresholds> recall = {};

  CocoCell();
};

/// The cells of one category that the twelve statistics use: the others are not computed.
struct CategoryCells {
  std::array<CocoCell, max_count> all_areas = {};       // of each maximum
  std::array<CocoCell, area_count> areas_at_most = {};  // of the last maximum; [0] stays unused

  const CocoCell& at(std::size_t area, std::size_t maximum) const {
    return area == 0 ? all_areas[maximum] : areas_at_most[area];
  }
};

/// The matches of one image in a category, by falling score.
using ImageMatches = std::span<const MatchedDetection>;

/// Accumulates the images of one category, in order of their ids, as COCOeval
/// (docs/specs/openmmlab-data.md, 6.5). `positives` has the ground truths that count in each area
/// range; `maxima` are ascending.
CategoryCells accumulate(std::span<const ImageMatches> images,
                         const std::array<std::int64_t, area_count>& positives,
                         const std::array<int, max_count>& maxima);

}  // namespace pinfeed
