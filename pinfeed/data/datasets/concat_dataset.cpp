// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.5.
#include <algorithm>
#include <memory>

#include "pinfeed/data/datasets/concat_dataset.h"

namespace pinfeed {
namespace {

struct ConcatMember {
  Dataset dataset;
  std::int64_t first = 0;  // index of its first sample in the concatenation
};
using Members = std::vector<ConcatMember>;

const ConcatMember& member_of(const Members& members, std::int64_t index) {
  const auto after = std::upper_bound(
      members.begin(), members.end(), index,
      [](std::int64_t wanted, const ConcatMember& one) { return wanted < one.first; });
  return *std::prev(after);
}

std::shared_ptr<const Members> make_members(const ConcatDataset& params,
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

void warn_about_classes(const Members& members, std::vector<std::string>& warnings) {
  const auto& classes = members.front().dataset.metainfo.classes;
  const bool same = std::all_of(members.begin(), members.end(), [&](const ConcatMember& one) {
    return one.dataset.metainfo.classes == classes;
  });
  if (same) return;
  warnings.emplace_back(
      "ConcatDataset: its data sets have different classes; a label keeps the meaning that its own "
      "data set gives it");
}

}  // namespace

void describe(Schema<ConcatDataset>& schema) {
  schema.summary("Several data sets, concatenated.")
      .required("datasets", &ConcatDataset::datasets, "the data sets, in order")
      .accepted("lazy_init", "the data sets are always made at once")
      .accepted("ignore_keys", "the metainfo of the data sets need not agree")
      .check([](const ConcatDataset& params) {
        if (!params.datasets.empty()) return;
        throw Error(ErrorKind::config, "datasets is []; it must have at least one data set");
      });
}

Dataset make(const ConcatDataset& params, const BuildContext& context) {
  const auto members = make_members(params, context);
  Dataset all = wrapping(members->front().dataset, ConcatDataset::name);
  all.size = 0;
  all.distinct_records = 0;
  all.warnings.clear();
  all.source_ends.clear();
  for (const ConcatMember& one : *members) {
    all.size += one.dataset.size;
    all.distinct_records += record_count(one.dataset);
    all.source_ends.push_back(all.size);
    all.gives = all.gives & one.dataset.gives;
    all.labels.smallest = std::min(all.labels.smallest, one.dataset.labels.smallest);
    all.labels.largest = std::max(all.labels.largest, one.dataset.labels.largest);
    all.bound = either(all.bound, one.dataset.bound);
    all.earlier_samples |= one.dataset.earlier_samples;
    all.warnings.insert(all.warnings.end(), one.dataset.warnings.begin(),
                        one.dataset.warnings.end());
  }
  warn_about_classes(*members, all.warnings);
  all.get = [members](std::int64_t index, Arena& arena) {
    const ConcatMember& member = member_of(*members, index);
    return member.dataset.get(index - member.first, arena);
  };
  all.plan = [members](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    const ConcatMember& member = member_of(*members, index);
    return fetch(member.dataset, index - member.first, random);
  };
  return all;
}

}  // namespace pinfeed
