// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Turns a list of samples into one sample whose leaves are lists, without stacking.
struct PseudoCollate {
  static constexpr auto name = "pseudo_collate";
};
void describe(Schema<PseudoCollate>& schema);
Layout layout(const PseudoCollate& params, std::span<const TreeNode> samples, Arena& arena);

}  // namespace pinfeed
