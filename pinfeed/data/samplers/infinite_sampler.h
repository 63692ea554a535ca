// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// One stream without epochs: one shuffled order after the other. Rank r takes positions r,
/// r + world_size, ... of the stream.
struct InfiniteSampler {
  static constexpr auto name = "InfiniteSampler";

  bool shuffle = true;
  std::optional<std::int64_t> seed = {};  // default: the seed of the run
};
void describe(Schema<InfiniteSampler>& schema);
Sampler make(const InfiniteSampler& params, const SamplerContext& context);

}  // namespace pinfeed
