// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.5.
#include <algorithm>
#include <memory>

#include "pinfeed/data/datasets/concat_dataset.h"

namespace pinfeed {
namespace {

struct Member {
  Dataset dataset;
  std::int64_t first = 0;  // index of its first sample
};
using Members = std::vector<Member>;

const Member& member_of(const Members& members, std::int64_t index) {
  const auto after =
      std::upper_bound(members.begin(), members.end(), index,
                       [](std::int64_t wanted, const Member& one) { return wanted < one.first; });
  return *std::prev(after);
}

std::shared_ptr<const Members> made_members(const ConcatDataset& params,
                                            const BuildContext& context) {
  auto members = std::make_shared<Members>();
  std::int64_t first = 0;
  for (const ConfigPart& part : params.datasets) {
    Dataset dataset = context.catalogs->datasets.make(part.value, part.path, context);
    const std::int64_t size = dataset.size;
    members->push_back({std::move(dataset), first});
    first += size;
  }
  return members;
}

void warn_of_classes(const Members& members, std::vector<std::string>& warnings) {
  const auto& classes = members.front().dataset.metainfo.classes;
  const bool same = std::all_of(members.begin(), members.end(), [&](const Member& one) {
    return one.dataset.metainfo.classes == classes;
  });
  if (same) return;
  warnings.emplace_back(
      "ConcatDataset: its data sets name different classes; labels keep each one's own meaning");
}

}  // namespace

void describe(Schema<ConcatDataset>& schema) {
  schema.summary("Several data sets one after the other.")
      .required("datasets", &ConcatDataset::datasets, "the data sets, in order")
      .accepted("lazy_init", "the data sets are made at once")
      .accepted("ignore_keys", "what the data sets say of themselves need not agree")
      .check([](const ConcatDataset& params) {
        if (!params.datasets.empty()) return;
        throw Error(ErrorKind::config, "datasets is []; it must hold at least one data set");
      });
}

Dataset make(const ConcatDataset& params, const BuildContext& context) {
  const auto members = made_members(params, context);
  Dataset all = wrapping(members->front().dataset, ConcatDataset::name);
  all.size = 0;
  all.warnings.clear();
  all.source_ends.clear();
  for (const Member& one : *members) {
    all.size += one.dataset.size;
    all.source_ends.push_back(all.size);
    all.gives = all.gives & one.dataset.gives;
    all.bound = either(all.bound, one.dataset.bound);
    all.earlier_samples |= one.dataset.earlier_samples;
    all.warnings.insert(all.warnings.end(), one.dataset.warnings.begin(),
                        one.dataset.warnings.end());
  }
  warn_of_classes(*members, all.warnings);
  all.get = [members](std::int64_t index, Arena& arena) {
    const Member& member = member_of(*members, index);
    return member.dataset.get(index - member.first, arena);
  };
  all.plan = [members](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    const Member& member = member_of(*members, index);
    return fetch(member.dataset, index - member.first, random);
  };
  return all;
}

}  // namespace pinfeed
