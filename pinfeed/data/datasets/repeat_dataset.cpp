// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.5.
#include <algorithm>
#include <memory>

#include "pinfeed/data/datasets/repeat_dataset.h"

namespace pinfeed {

void describe(Schema<RepeatDataset>& schema) {
  schema.summary("A data set repeated several times in each epoch.")
      .required("dataset", &RepeatDataset::dataset, "the data set that is repeated")
      .required("times", &RepeatDataset::times, "number of repetitions", at_least(1))
      .accepted("lazy_init", "the data set is always made at once");
}

Dataset make(const RepeatDataset& params, const BuildContext& context) {
  const auto inner = std::make_shared<const Dataset>(
      context.catalogs->datasets.make(params.dataset.value, params.dataset.path, context));
  Dataset repeated = wrapping(*inner, RepeatDataset::name);
  constexpr std::int64_t most_samples = 1'000'000'000'000;
  const std::int64_t most = most_samples / std::max<std::int64_t>(inner->size, 1);
  if (params.times > most) {
    throw Error(ErrorKind::config, "times is " + std::to_string(params.times) +
                                       "; it must be between 1 and " + std::to_string(most) +
                                       ", since the data set has " + std::to_string(inner->size) +
                                       " samples");
  }
  repeated.size = inner->size * params.times;
  repeated.distinct_records = record_count(*inner);
  repeated.get = [inner](std::int64_t index, Arena& arena) {
    return inner->get(index % inner->size, arena);
  };
  // fetch() of the inner data set replaces a dropped sample by another one of the inner data set.
  repeated.plan = [inner](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    return fetch(*inner, index % inner->size, random);
  };
  return repeated;
}

}  // namespace pinfeed
