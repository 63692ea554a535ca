// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>
#include <vector>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/metrics/coco_cells.h"

namespace pinfeed {

/// The precision at each IoU threshold and at recall 0, 0.01, ... 1; -1 without ground truth.
using PrecisionTable = std::array<std::array<double, recall_points>, iou_thresholds>;

/// What COCOeval measures of one category, over all areas and with at most 100 detections.
struct ClassPrecision {
  CocoCategory category = {};
  PrecisionTable table = {};
  // Over all thresholds, at 0.5 and at 0.75; -1 without ground truth.
  double ap = 0.0;
  double ap50 = 0.0;
  double ap75 = 0.0;
};

/// The precision of boxes, for each category by id. Throws Error(data) as evaluate_boxes().
std::vector<ClassPrecision> class_precisions(const CocoFile& truth,
                                             std::span<const CocoDetection> detections);

}  // namespace pinfeed
