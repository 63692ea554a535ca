// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.3.
#include "pinfeed/data/collates/pseudo_collate.h"
#include "pinfeed/data/collates/map_tree.h"

namespace pinfeed {

void describe(Schema<PseudoCollate>& schema) {
  schema.summary("Turns a batch of containers into containers of batches, and stacks nothing.");
}

Layout layout(const PseudoCollate&, std::span<const TreeNode> samples, Arena& arena) {
  Layout made(arena);
  const LeafFn leaf = [&made](const Column& column, SequenceKind held) {
    return as_it_is(column, held, made);
  };
  made.batch = map_tree(samples, leaf, arena);
  return made;
}

}  // namespace pinfeed
