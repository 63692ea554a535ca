// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/part_groups.h"

#include "pinfeed/data/loader/pipeline_switches.h"
#include "pinfeed/schedule/scheduler_catalog.h"
#include "pinfeed/schemas/hook_list.h"
#include "pinfeed/schemas/model_list.h"
#include "pinfeed/schemas/training_list.h"

namespace pinfeed {
namespace {

void append(std::vector<PartDoc>& parts, const std::vector<PartDoc>& further) {
  parts.insert(parts.end(), further.begin(), further.end());
}

// The documentation of added parts, with a key that all parts of their kind have besides their own.
std::vector<PartDoc> with_key(std::vector<PartDoc> docs, const KeyDoc& key) {
  for (PartDoc& doc : docs) doc.keys.push_back(key);
  return docs;
}

}  // namespace

std::vector<PartGroup> all_part_groups(const Catalogs& catalogs) {
  std::vector<PartGroup> groups = {{catalogs.transforms.kind(), catalogs.transforms.docs()},
                                   {catalogs.datasets.kind(), catalogs.datasets.docs()},
                                   {catalogs.samplers.kind(), catalogs.samplers.docs()},
                                   {catalogs.batch_samplers.kind(), catalogs.batch_samplers.docs()},
                                   {catalogs.collates.kind(), catalogs.collates.docs()},
                                   {"scheduler", scheduler_docs()},
                                   {"model", model_docs()}};
  append(groups.back().parts, with_key(catalogs.models.docs(), {.name = "data_preprocessor",
                                                                .type = "dict",
                                                                .default_text = "None",
                                                                .meaning = "the trainer builds it",
                                                                .use = KeyUse::accepted}));
  for (auto& [kind, parts] : training_docs()) {
    groups.push_back({kind, std::move(parts)});
    if (kind != "hook") continue;
    append(groups.back().parts, pipeline_switch_docs());
    append(groups.back().parts, with_key(catalogs.hooks.docs(), {.name = "priority",
                                                                 .type = "int or str",
                                                                 .default_text = "None",
                                                                 .meaning = priority_meaning}));
  }
  return groups;
}

}  // namespace pinfeed
