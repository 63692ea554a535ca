// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include "pinfeed/models/truth_masks.h"

namespace pinfeed {

/// What a mask head should predict in boxes (n, 4) of one image: the masks of `objects` (n), int64,
/// in `size` x `size` cells, 0 or 1, (n, size, size) float32, as mmdet's mask_target. Only masks of
/// these objects are rasterised, and of them only the parts inside the boxes. On the host.
torch::Tensor mask_targets(const TruthMasks& truth, const torch::Tensor& boxes,
                           const torch::Tensor& objects, int size);

}  // namespace pinfeed
