// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include "pinfeed/schemas/loss_schemas.h"

namespace pinfeed {

/// The areas (n) of boxes of these widths and heights (n, 2). at::prod() computes the same, but its
/// gradient reads how many factors are 0, for which the host waits for a GPU.
at::Tensor area_of(const at::Tensor& sides);

/// The sigmoid focal loss of every point and class, (n, classes). `logits` (n, classes); `labels`
/// (n), the number of classes means background.
at::Tensor focal_losses(const FocalLoss& params, const at::Tensor& logits,
                        const at::Tensor& labels);

/// 1 - generalised IoU of boxes given by their distances from common points, (n, 4) each.
at::Tensor giou_losses(const at::Tensor& a, const at::Tensor& b, double eps);

/// -log(IoU), 1 - IoU or 1 - IoU^2 (params.mode) of the same boxes.
at::Tensor iou_losses(const IoULoss& params, const at::Tensor& a, const at::Tensor& b);

}  // namespace pinfeed
