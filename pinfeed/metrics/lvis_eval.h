// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/annotations/lvis_file.h"
#include "pinfeed/metrics/coco_eval.h"

namespace pinfeed {

constexpr int lvis_max_detections = 300;  // of an image, all categories together

/// The statistics of LVISEval. -1 means that there is nothing to measure.
struct LvisEvaluation {
  IouType iou_type = IouType::bbox;
  /// AP, AP50, AP75, AP of small, medium, large, AP of rare, common, frequent categories; AR, AR of
  /// small, medium, large.
  std::array<double, 13> stats = {};
  std::vector<CocoCategory> categories = {};  // by id, ascending
  std::vector<double> category_ap = {};       // of each category, over all thresholds and areas
  std::int64_t masks_of_other_size = 0;       // as in CocoEvaluation
};

/// The names of the statistics: "AP", "AP50", ... "AR@300", "ARs@300", ...
std::vector<std::string> lvis_item_names();

struct LvisOptions {
  std::optional<int> threads = {};     // without a number, as many as the process has cores
  std::string results = "detections";  // the name of the detections in errors
};

/// LVISEval for boxes (docs/specs/openmmlab-data.md, 6.10), bit by bit equal to lvis 0.5.3.
/// Detections must be in the order of the results file. Throws Error(data) for a detection of an
/// image that `truth` does not have.
LvisEvaluation evaluate_lvis_boxes(const CocoFile& truth, const LvisRules& rules,
                                   std::span<const CocoDetection> detections,
                                   const LvisOptions& options = {});

/// The same for masks.
LvisEvaluation evaluate_lvis_masks(const CocoFile& truth, const LvisRules& rules,
                                   const MaskReader& truth_masks,
                                   std::span<const CocoDetection> detections,
                                   const MaskReader& detection_masks, DetectionArea area,
                                   const LvisOptions& options = {});

}  // namespace pinfeed
