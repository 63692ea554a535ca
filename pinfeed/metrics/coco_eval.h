// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "pinfeed/annotations/coco_file.h"

namespace pinfeed {

/// How many detections of each image and category are used, for three variants of the statistics:
/// (1, 10, 100) in pycocotools, (100, 300, 1000) in mmdet.
using MaxDetections = std::array<int, 3>;
constexpr MaxDetections coco_max_detections = {1, 10, 100};
constexpr MaxDetections mmdet_max_detections = {100, 300, 1000};

/// The twelve statistics of COCOeval. -1 means that there is nothing to measure.
struct CocoEvaluation {
  /// AP, AP50, AP75, AP of small, medium, large; AR at each maximum; AR of small, medium, large.
  std::array<double, 12> stats = {};
  std::vector<CocoCategory> categories = {};  // by id, ascending
  std::vector<double> category_ap = {};       // of each category, over all thresholds and areas
};

/// COCOeval for boxes, bit by bit equal to pycocotools (docs/specs/openmmlab-data.md, 6).
/// Detections must be in the order of the results file. Throws Error(data) for a detection of an
/// image that `truth` does not have; the message calls the detections `results`.
CocoEvaluation evaluate_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                              const MaxDetections& max_detections = coco_max_detections,
                              const std::string& results = "detections");

/// The twelve lines that pycocotools prints.
std::vector<std::string> summary_lines(const CocoEvaluation& evaluation,
                                       const MaxDetections& max_detections = coco_max_detections);

}  // namespace pinfeed
