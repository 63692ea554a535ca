// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.3.
#include "pinfeed/data/collates/pseudo_collate.h"
#include "pinfeed/data/collates/map_tree.h"

namespace pinfeed {

void describe(Schema<PseudoCollate>& schema) {
  schema.summary("Turns a list of samples into lists of their values, without stacking.");
}

Layout layout(const PseudoCollate&, std::span<const TreeNode> samples, Arena& arena) {
  Layout result(arena);
  const LeafFn leaf = [&result](const Column& column, SequenceKind kind) {
    return as_sequence(column, kind, result);
  };
  result.batch = map_tree(samples, leaf, arena);
  return result;
}

}  // namespace pinfeed
