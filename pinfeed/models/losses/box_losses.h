// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include "pinfeed/schemas/loss_schemas.h"

namespace pinfeed {

/// Sum over points and classes of the sigmoid focal loss. `logits` (n, classes); `labels` (n), the
/// number of classes means background.
torch::Tensor focal_sum(const FocalLoss& params, const torch::Tensor& logits,
                        const torch::Tensor& labels);

/// 1 - generalised IoU of boxes given by their distances from common points, (n, 4) each.
torch::Tensor giou_losses(const torch::Tensor& a, const torch::Tensor& b, double eps);

/// -log(IoU), 1 - IoU or 1 - IoU^2 of the same.
torch::Tensor iou_losses(const IoULoss& params, const torch::Tensor& a, const torch::Tensor& b);

}  // namespace pinfeed
