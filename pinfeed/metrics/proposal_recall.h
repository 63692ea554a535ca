// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "pinfeed/annotations/coco_file.h"
#include "pinfeed/metrics/coco_eval.h"

namespace pinfeed {

/// The recall of boxes without regard to categories, averaged over COCO's IoU thresholds, for each
/// number of proposals per image: mmdet's `proposal_fast`. Crowds do not count. Detections of an
/// image are taken in their order, which is by falling score where a model made them.
std::array<double, 3> proposal_recall(const CocoFile& truth,
                                      std::span<const CocoDetection> detections,
                                      const MaxDetections& proposals);

}  // namespace pinfeed
