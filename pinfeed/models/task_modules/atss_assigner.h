// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

#include "pinfeed/models/model.h"
#include "pinfeed/schemas/task_schemas.h"

namespace pinfeed {

/// Assigns an object of `truth` to each prior (n, 4), as mmdet's ATSSAssigner: (n) int64, the
/// number of the object from 1, 0 for a negative prior, -1 for one that is not used. `per_level`
/// are the numbers of priors of each level; their sum is n.
torch::Tensor assigned(const ATSSAssigner& params, const torch::Tensor& priors,
                       const std::vector<std::int64_t>& per_level, const DetDataSample& truth);

}  // namespace pinfeed
