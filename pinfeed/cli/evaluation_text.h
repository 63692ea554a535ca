// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/metrics/coco_eval.h"

namespace pinfeed::cli {

/// {"iou_type": "bbox", "stats": [12 numbers], "per_class": {name: AP}}, 17 digits.
std::string json_of(const CocoEvaluation& evaluation);

}  // namespace pinfeed::cli
