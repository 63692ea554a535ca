// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

namespace pinfeed {

/// Places of the boxes that survive greedy suppression within each label, best score first. A box
/// goes when its IoU with a better one of its label is greater than `threshold`. Equal scores keep
/// their order. boxes (n, 4) float32, scores (n) float32, labels (n) int64, on the host; the result
/// is (m) int64.
torch::Tensor nms(const torch::Tensor& boxes, const torch::Tensor& scores,
                  const torch::Tensor& labels, double threshold);

}  // namespace pinfeed
