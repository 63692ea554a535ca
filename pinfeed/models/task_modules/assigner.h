// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// The IoU of every pair of boxes, (n, 4) and (m, 4): (n, m). `of_first`: the part of the first box
/// that lies in the second instead.
torch::Tensor box_overlaps(const torch::Tensor& a, const torch::Tensor& b, bool of_first = false);

/// The IoU of each box with the one of the same row, (n, 4) and (n, 4): (n).
torch::Tensor paired_overlaps(const torch::Tensor& a, const torch::Tensor& b);

/// Assigns an object of `truth` to each prior (n, 4), as mmdet's MaxIoUAssigner: (n) int64, the
/// number of the object from 1, 0 for a negative prior, -1 for one that is not used.
torch::Tensor assigned(const MaxIoUAssigner& params, const torch::Tensor& priors,
                       const DetDataSample& truth);

}  // namespace pinfeed
