// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// The IoU of two boxes in float32, as mmdet's evaluation functions compute it. `extra` pixels are
/// added to every width and height: 1 in the coordinates of Pascal VOC, else 0.
float float_iou(const Box& a, const Box& b, float extra);

}  // namespace pinfeed
