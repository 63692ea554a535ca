// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include "pinfeed/core/geometry.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// The codes (n, 4) of boxes relative to others, as mmdet's DeltaXYWHBBoxCoder. `priors` and
/// `boxes` are (n, 4), x1 y1 x2 y2.
torch::Tensor encoded_boxes(const DeltaXYWHBBoxCoder& params, const torch::Tensor& priors,
                            const torch::Tensor& boxes);

/// The boxes of some codes: (n, 4 * k) of n priors gives (n, 4 * k). With clip_border they are cut
/// at `border`, if it has a size.
torch::Tensor decoded_boxes(const DeltaXYWHBBoxCoder& params, const torch::Tensor& priors,
                            const torch::Tensor& codes, Size border = {});

}  // namespace pinfeed
