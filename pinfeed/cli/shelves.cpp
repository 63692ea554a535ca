// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/shelves.h"

#include "pinfeed/data/pipeline_switches.h"
#include "pinfeed/schedule/scheduler.h"
#include "pinfeed/train/menu/models.h"
#include "pinfeed/train/menu/training.h"

namespace pinfeed::cli {

std::vector<Shelf> all_shelves(const Catalogs& catalogs) {
  std::vector<Shelf> shelves = {{catalogs.transforms.kind(), catalogs.transforms.docs()},
                                {catalogs.datasets.kind(), catalogs.datasets.docs()},
                                {catalogs.samplers.kind(), catalogs.samplers.docs()},
                                {catalogs.batch_samplers.kind(), catalogs.batch_samplers.docs()},
                                {catalogs.collates.kind(), catalogs.collates.docs()},
                                {"scheduler", scheduler_docs()},
                                {"model", model_docs()}};
  for (auto& [kind, parts] : training_docs()) {
    shelves.push_back({kind, std::move(parts)});
    if (kind != "hook") continue;
    const std::vector<PartDoc> switches = pipeline_switch_docs();
    std::vector<PartDoc>& hooks = shelves.back().parts;
    hooks.insert(hooks.end(), switches.begin(), switches.end());
  }
  return shelves;
}

}  // namespace pinfeed::cli
