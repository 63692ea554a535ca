// SPDX-License-Identifier: Apache-2.0
// What the losses of heads with anchors and of heads with proposals have in common.
#pragma once

#include <torch/torch.h>

#include "pinfeed/schemas/loss_schemas.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// Throws Error(config) for a model that is trained without train_cfg.
void require_train_cfg(bool given);

/// How a head compares its boxes with those of the truth.
struct PriorBoxLoss {
  const BoxLoss& loss;
  const DeltaXYWHBBoxCoder& coder;
  bool decoded = false;  // reg_decoded_bbox: boxes are compared, not their codes
};

/// The loss of predicted codes (n, 4), relative to priors (n, 4), and the boxes (n, 4) that they
/// should be.
torch::Tensor prior_box_loss(const PriorBoxLoss& params, const torch::Tensor& priors,
                             const torch::Tensor& codes, const torch::Tensor& truth,
                             double divisor);

}  // namespace pinfeed
