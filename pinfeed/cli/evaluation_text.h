// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/metrics/coco_eval.h"
#include "pinfeed/metrics/detection_metric.h"

namespace pinfeed::cli {

/// {"iou_type": "bbox" or "segm", "stats": [12 numbers], "per_class": {name: AP}}, 17 digits.
std::string json_of(const CocoEvaluation& evaluation);
/// {"metrics": {name: value}}; null for a value that is not finite.
std::string json_of(const MetricValues& metrics);

}  // namespace pinfeed::cli
