// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// All boxes of the batch in one float32 tensor of rows (sample, label, x1, y1, x2, y2), as
/// YOLOv5's heads want them.
struct Yolov5Collate {
  static constexpr auto name = "yolov5_collate";

  bool use_ms_training = false;  // a list of images, for a preprocessor that resizes the batch
};
void describe(Schema<Yolov5Collate>& schema);
Layout layout(const Yolov5Collate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
