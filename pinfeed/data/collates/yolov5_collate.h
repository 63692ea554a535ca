// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Stacked images, and all boxes of the batch in one float32 tensor (n, 6) with the columns sample,
/// label, x1, y1, x2, y2, which YOLOv5's heads take.
struct Yolov5Collate {
  static constexpr auto name = "yolov5_collate";

  bool use_ms_training = false;  // a list of images, for a preprocessor that resizes the batch
};
void describe(Schema<Yolov5Collate>& schema);
Layout layout(const Yolov5Collate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
