// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/collates/map_tree.h"
#include "pinfeed/data/collates/pad_collate.h"

namespace pinfeed {

/// The images of a column, padded to the largest width and height and stacked.
TreeNode padded_images(const PadCollate& params, const Column& column, Layout& layout);

/// The (h, w) of each image of the column: (n, 2) int64.
TreeNode valid_shapes(const Column& column, Layout& layout);

/// Sets 'valid_shapes' of a batch that is a dict, unless `shapes` is None.
void set_valid_shapes(Layout& layout, TreeNode shapes);

}  // namespace pinfeed
