// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/sample.h"

namespace pinfeed {

/// A map with those of `keys` that the sample has, in this order: 'img_id', 'ori_shape' (h, w),
/// 'scale_factor' (w, h), ..., or the name of a field in Sample::extra. Other keys are left out, as
/// upstream does.
TreeNode meta_of(const Sample& sample, const std::vector<std::string>& keys);

/// Throws Error(config) for a key that upstream's transforms write and pinfeed's do not.
void check_meta_keys(const std::vector<std::string>& keys);

}  // namespace pinfeed
