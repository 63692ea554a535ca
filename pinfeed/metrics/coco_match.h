// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pinfeed {

/// A box in pixels of the image.
struct BoxXywh {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
};

/// The box of an annotation or a detection.
template <class Row>
BoxXywh box_of(const Row& row) {
  return {row.x, row.y, row.width, row.height};
}

/// The IoU of a detection and a ground truth. For a crowd, the fraction of the detection that it
/// covers.
double box_iou(const BoxXywh& detection, const BoxXywh& truth, bool crowd);

/// The number of IoU thresholds, and their values 0.5, 0.55, ... 0.95.
constexpr std::size_t iou_thresholds = 10;
std::array<double, iou_thresholds> iou_threshold_values();

/// One bit for each threshold.
constexpr std::uint16_t all_thresholds = (1U << iou_thresholds) - 1;

/// The score that detections are sorted by: NaN counts as the lowest.
double ranking_score(double score);

/// The areas that are evaluated, in pixels: all, small, medium, large. Both ends belong to a range.
struct AreaRange {
  double min = 0.0;
  double max = 1e10;
  bool contains(double area) const { return area >= min && area <= max; }
};
constexpr std::size_t area_count = 4;
constexpr std::array<AreaRange, area_count> area_ranges = {
    AreaRange{0.0, 1e10}, AreaRange{0.0, 1024.0}, AreaRange{1024.0, 9216.0},
    AreaRange{9216.0, 1e10}};

struct MatchTruth {
  double area = 0.0;
  std::int64_t id = 0;
  bool crowd = false;
  bool ignore = false;

  /// Whether it does not count in a range.
  bool ignored(const AreaRange& range) const { return crowd || ignore || !range.contains(area); }
};

struct MatchDetection {
  double area = 0.0;
  double score = 0.0;
};

/// A detection after matching, for each area range. Bit t of the flags belongs to threshold t.
struct MatchedDetection {
  double score = 0.0;
  std::array<std::uint16_t, area_count> matched = {};
  std::array<std::uint16_t, area_count> ignored = {};
};

/// What a detection without a match is: wrong, or ignored where the ground truth is known to be
/// incomplete (LVIS).
enum class Unmatched { wrong, ignored };

/// Matches the detections of one image and category, sorted by falling score, to the ground truths
/// by the rules of COCOeval (docs/specs/openmmlab-data.md, 6.4). `ious` has the shape detections x
/// truths, row-major; `matches` one element for each detection.
void match(std::span<const MatchDetection> detections, std::span<const MatchTruth> truths,
           std::span<const double> ious, Unmatched unmatched, std::span<MatchedDetection> matches);

}  // namespace pinfeed
