// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/collates/pad_collate.h"

namespace pinfeed {

/// pad_collate whose data samples are packed: the boxes of all samples are one tensor, and
/// 'offsets' (n + 1), int64, has the index of each sample's first box and the total. In the slot
/// these tensors follow the images.
struct PackCollate : PadCollate {
  static constexpr auto name = "pack_collate";
};
void describe(Schema<PackCollate>& schema);
Layout layout(const PackCollate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
