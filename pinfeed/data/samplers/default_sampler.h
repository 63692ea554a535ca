// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Epochs over the whole data set, shuffled with seed + epoch. Rank r takes samples r,
/// r + world_size, ... of the order.
struct DefaultSampler {
  static constexpr auto name = "DefaultSampler";

  bool shuffle = true;
  std::optional<std::int64_t> seed = {};  // default: the seed of the run
  bool round_up = true;  // equal length on all ranks; samples of the beginning are repeated
};
void describe(Schema<DefaultSampler>& schema);
Sampler make(const DefaultSampler& params, const SamplerContext& context);

}  // namespace pinfeed
