// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace pinfeed {

/// x, y, width, height, in double.
struct BoxXywh {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
};

/// Overlap of a detection and a ground truth; of a crowd, the part of the detection that it covers.
double box_iou(const BoxXywh& detection, const BoxXywh& truth, bool crowd);

/// The ten thresholds of IoU.
constexpr std::size_t iou_thresholds = 10;
std::array<double, iou_thresholds> iou_threshold_values();

struct TruthBox {
  BoxXywh box = {};
  double area = 0.0;
  std::int64_t id = 0;
  bool crowd = false;
};

struct DetectedBox {
  BoxXywh box = {};
  double area = 0.0;
  double score = 0.0;
};

/// Areas that count, closed at both ends.
struct AreaRange {
  double least = 0.0;
  double most = 1e10;
  bool contains(double area) const { return area >= least && area <= most; }
};

/// One detection after matching: a bit for each threshold.
struct MatchedDetection {
  double score = 0.0;
  std::uint16_t matched = 0;
  std::uint16_t ignored = 0;
};

/// What one image says of one category in one area range.
struct ImageMatches {
  std::vector<MatchedDetection> detections = {};  // by falling score
  std::int64_t positives = 0;                     // ground truths that are not ignored
};

/// Matches one image's detections of one category, sorted by falling score, to its ground truths,
/// by the rules of COCOeval (docs/specs/openmmlab-data.md, 6.4). `ious` holds detections x truths.
ImageMatches match(std::span<const DetectedBox> detections, std::span<const TruthBox> truths,
                   std::span<const double> ious, const AreaRange& range);

}  // namespace pinfeed
