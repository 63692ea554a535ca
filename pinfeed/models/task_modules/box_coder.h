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

/// The distances (n, 4) of the sides of boxes from points (n, 2): left, top, right, bottom. They
/// are not negative, and below `most` by at least 0.1.
torch::Tensor encoded_boxes(const torch::Tensor& points, const torch::Tensor& boxes, double most);

/// The boxes (n, 4) of such distances. With clip_border they are cut at `border`, if it has a size.
torch::Tensor decoded_boxes(const DistancePointBBoxCoder& params, const torch::Tensor& points,
                            const torch::Tensor& distances, Size border = {});

}  // namespace pinfeed
