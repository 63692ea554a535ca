// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// mmcv 1.x's collate: default_collate with DataContainers in groups of samples_per_gpu samples.
struct GroupCollate {
  static constexpr auto name = "collate";

  std::int64_t samples_per_gpu = 1;
};
void describe(Schema<GroupCollate>& schema);
Layout layout(const GroupCollate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
