// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Stacks images, tensors and numbers inside containers; strings and data samples become lists.
/// The images of a batch must have one size.
struct DefaultCollate {
  static constexpr auto name = "default_collate";

  std::optional<std::int64_t> samples_per_gpu = {};  // in a group of DataContainers; default: all
};
void describe(Schema<DefaultCollate>& schema);
Layout layout(const DefaultCollate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
