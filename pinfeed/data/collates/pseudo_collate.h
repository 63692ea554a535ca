// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Turns a batch of containers into containers of batches, and stacks nothing.
struct PseudoCollate {
  static constexpr auto name = "pseudo_collate";
};
void describe(Schema<PseudoCollate>& schema);
Layout layout(const PseudoCollate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
