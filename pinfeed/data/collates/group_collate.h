// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// default_collate as mmcv 1.x has it: DataContainers come in groups of samples_per_gpu, which is
/// one sample when it is absent.
struct GroupCollate {
  static constexpr auto name = "collate";

  std::int64_t samples_per_gpu = 1;
};
void describe(Schema<GroupCollate>& schema);
Layout layout(const GroupCollate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
