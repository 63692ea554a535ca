// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/collates/map_tree.h"

namespace pinfeed {

/// Collates a column of DataContainers in groups of `group_size` samples (at least 1), by the rules
/// of mmcv 1.x (docs/specs/openmmlab-data.md, 1.5, step 2): the flags are those of the first
/// sample, the padding values those of each sample.
TreeNode collate_containers(const Column& column, std::size_t group_size, Layout& layout);

}  // namespace pinfeed
