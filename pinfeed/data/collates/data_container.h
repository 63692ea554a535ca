// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/collates/map_tree.h"

namespace pinfeed {

/// Collates a column of DataContainers in groups of `group` samples, by mmcv 1.x's rules (
/// docs/specs/openmmlab-data.md, 1.5, step 2): flags are the first sample's, padding values each
/// sample's own.
TreeNode containers_collated(const Column& column, std::size_t group, Layout& layout);

}  // namespace pinfeed
