// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 2.5.
#include <limits>
#include <memory>

#include "pinfeed/data/datasets/repeat_dataset.h"

namespace pinfeed {

void describe(Schema<RepeatDataset>& schema) {
  schema.summary("A data set several times over.")
      .required("dataset", &RepeatDataset::dataset, "what is repeated")
      .required("times", &RepeatDataset::times, "how often", at_least(0))
      .accepted("lazy_init", "the data set is made at once");
}

Dataset make(const RepeatDataset& params, const BuildContext& context) {
  const Dataset made =
      context.catalogs->datasets.make(params.dataset.value, params.dataset.path, context);
  const auto inner = std::make_shared<const Dataset>(made);
  Dataset repeated = wrapping(made, RepeatDataset::name);
  if (made.size > 0 && params.times > std::numeric_limits<std::int64_t>::max() / made.size) {
    throw Error(ErrorKind::config, "times is " + std::to_string(params.times) +
                                       ": the data set would have more than 2^63 samples");
  }
  repeated.size = made.size * params.times;
  repeated.get = [inner](std::int64_t index, Arena& arena) {
    return inner->get(index % inner->size, arena);
  };
  // The inner data set replaces what its own pipeline drops, with its own range of indices.
  repeated.plan = [inner](std::int64_t index, RandomContext& random) -> std::optional<Sample> {
    return fetch(*inner, index % inner->size, random);
  };
  return repeated;
}

}  // namespace pinfeed
