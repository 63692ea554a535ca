// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 1.5, 1.6. Three defects of mmcv 1.x are not
// reproduced: here strings stay whole, named tuples keep their type, and lists of unequal lengths
// are errors.
#include "pinfeed/data/collates/group_collate.h"
#include "pinfeed/data/collates/default_collate.h"

namespace pinfeed {

void describe(Schema<GroupCollate>& schema) {
  schema.summary("mmcv 1.x's collate: default_collate with DataContainers in groups.")
      .optional("samples_per_gpu", &GroupCollate::samples_per_gpu,
                "samples in each group of a DataContainer", at_least(1));
}

Layout layout(const GroupCollate& params, std::span<const TreeNode> samples, Arena& arena) {
  return layout(DefaultCollate{.samples_per_gpu = params.samples_per_gpu}, samples, arena);
}

}  // namespace pinfeed
