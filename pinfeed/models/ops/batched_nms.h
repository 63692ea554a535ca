// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "pinfeed/schemas/detection_schemas.h"

namespace pinfeed {

/// The boxes that a suppression leaves, best first.
struct Suppressed {
  at::Tensor indices = {};  // (m) int64, into the boxes
  at::Tensor scores = {};   // (m) float32; soft_nms lowers them
};

/// Removes duplicates among boxes of one label, or of all labels with class_agnostic, as mmcv's
/// batched_nms: boxes of each label are moved apart first, which rounds their corners. Stops after
/// `limit` boxes; -1: never. boxes (n, 4) float32, scores (n) float32, labels (n) int64, on the
/// host.
Suppressed batched_nms(const Suppression& params, const at::Tensor& boxes, const at::Tensor& scores,
                       const at::Tensor& labels, std::int64_t limit = -1);

}  // namespace pinfeed
