// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/sample.h"

namespace pinfeed {

/// The map of those keys that the sample has, in this order: 'img_id', 'ori_shape' (h, w),
/// 'scale_factor' (w, h)... Keys that the sample lacks are left out, as upstream does.
TreeNode meta_of(const Sample& sample, const std::vector<std::string>& keys);

/// Throws Error(config) for a key that upstream's transforms may write and ours do not keep.
void check_meta_keys(const std::vector<std::string>& keys);

}  // namespace pinfeed
