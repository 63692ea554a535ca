// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/part_groups.h"

#include "pinfeed/data/loader/pipeline_switches.h"
#include "pinfeed/schedule/scheduler_catalog.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/training_list.h"

namespace pinfeed::cli {

std::vector<PartGroup> all_part_groups(const Catalogs& catalogs) {
  std::vector<PartGroup> groups = {{catalogs.transforms.kind(), catalogs.transforms.docs()},
                                   {catalogs.datasets.kind(), catalogs.datasets.docs()},
                                   {catalogs.samplers.kind(), catalogs.samplers.docs()},
                                   {catalogs.batch_samplers.kind(), catalogs.batch_samplers.docs()},
                                   {catalogs.collates.kind(), catalogs.collates.docs()},
                                   {"scheduler", scheduler_docs()},
                                   {"model", model_docs()}};
  for (auto& [kind, parts] : training_docs()) {
    groups.push_back({kind, std::move(parts)});
    if (kind != "hook") continue;
    const std::vector<PartDoc> switches = pipeline_switch_docs();
    std::vector<PartDoc>& hooks = groups.back().parts;
    hooks.insert(hooks.end(), switches.begin(), switches.end());
  }
  return groups;
}

}  // namespace pinfeed::cli
