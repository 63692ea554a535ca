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

/// How many detections of an image and category count, for each column of the statistics:
/// pycocotools has (1, 10, 100), mmdet (100, 300, 1000).
using MaxDetections = std::array<int, 3>;
constexpr MaxDetections coco_max_detections = {1, 10, 100};
constexpr MaxDetections mmdet_max_detections = {100, 300, 1000};

/// The twelve numbers of COCOeval, and what they are means of. -1 stands for "nothing to measure".
struct CocoEvaluation {
  /// AP, AP50, AP75, AP of small, medium, large; AR at each maximum; AR of small, medium, large.
  std::array<double, 12> stats = {};
  std::vector<CocoCategory> categories = {};  // by rising id
  std::vector<double> category_ap = {};       // over all thresholds, all areas
};

/// COCOeval for boxes, to the last bit of pycocotools (docs/specs/openmmlab-data.md, 6). Detections
/// are in the order of the results file. Throws Error(data) for a detection of an image that
/// `truth` does not have; `results` names the detections in the message.
CocoEvaluation evaluate_boxes(const CocoFile& truth, std::span<const CocoDetection> detections,
                              const MaxDetections& max_detections = coco_max_detections,
                              const std::string& results = "detections");

/// The familiar twelve lines.
std::vector<std::string> summary_lines(const CocoEvaluation& evaluation,
                                       const MaxDetections& max_detections = coco_max_detections);

}  // namespace pinfeed
