// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

namespace pinfeed {

/// Greedy non-maximum suppression within each label: the indices of the remaining boxes, best score
/// first, (m) int64. A box is removed when its IoU with a better remaining box of its label is
/// greater than `threshold`. Equal scores keep their order. boxes (n, 4) float32, scores (n)
/// float32, labels (n) int64, on the host.
at::Tensor nms(const at::Tensor& boxes, const at::Tensor& scores, const at::Tensor& labels,
               double threshold);

}  // namespace pinfeed
