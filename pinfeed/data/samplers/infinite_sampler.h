// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// One stream without epochs: one shuffled order after the other, dealt out to the ranks.
struct InfiniteSampler {
  static constexpr auto name = "InfiniteSampler";

  bool shuffle = true;
  std::optional<std::int64_t> seed = {};  // the run's when absent
};
void describe(Schema<InfiniteSampler>& schema);
Sampler make(const InfiniteSampler& params, const SamplerContext& context);

}  // namespace pinfeed
