// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Epochs over the whole data set in a shuffled order that is computed index by index and not
/// stored, so that its memory does not depend on the size of the data set.
struct KeyedSampler {
  static constexpr auto name = "KeyedSampler";

  std::optional<std::int64_t> seed = {};  // default: the seed of the run
};
void describe(Schema<KeyedSampler>& schema);
Sampler make(const KeyedSampler& params, const SamplerContext& context);

}  // namespace pinfeed
