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

/// The IoU of a detection and a ground truth. For a crowd, the fraction of the detection that it
/// covers.
double box_iou(const BoxXywh& detection, const BoxXywh& truth, bool crowd);

/// The number of IoU thresholds, and their values 0.5, 0.55, ... 0.95.
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

/// The areas that are evaluated, in pixels; both ends belong to the range.
struct AreaRange {
  double min = 0.0;
  double max = 1e10;
  bool contains(double area) const { return area >= min && area <= max; }
};

/// A detection after matching. Bit t of the flags belongs to threshold t.
struct MatchedDetection {
  double score = 0.0;
  std::uint16_t matched = 0;
  std::uint16_t ignored = 0;
};

/// The matches of one image, category and area range.
struct ImageMatches {
  std::vector<MatchedDetection> detections = {};  // by falling score
  std::int64_t positives = 0;                     // ground truths that are not ignored
};

/// Matches the detections of one image and category, sorted by falling score, to the ground truths
/// by the rules of COCOeval (docs/specs/openmmlab-data.md, 6.4). `ious` has the shape detections x
/// truths, row-major.
ImageMatches match(std::span<const DetectedBox> detections, std::span<const TruthBox> truths,
                   std::span<const double> ious, const AreaRange& range);

}  // namespace pinfeed
