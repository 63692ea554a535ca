// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Stacks images, tensors and numbers; walks through containers; leaves strings and data samples
/// as they are. Images must all have one size.
struct DefaultCollate {
  static constexpr auto name = "default_collate";

  std::optional<std::int64_t> samples_per_gpu = {};  // of DataContainers; the batch when absent
};
void describe(Schema<DefaultCollate>& schema);
Layout layout(const DefaultCollate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
