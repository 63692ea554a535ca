// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/samplers/default_sampler.h"

namespace pinfeed {

/// torch's DistributedSampler: DefaultSampler with a seed of its own instead of the run's, which
/// may drop the tail of the order.
struct DistributedSampler {
  static constexpr auto name = "DistributedSampler";

  bool shuffle = true;
  std::int64_t seed = 0;
  bool drop_last = false;  // else samples of the beginning are repeated
};
void describe(Schema<DistributedSampler>& schema);
Sampler make(const DistributedSampler& params, const SamplerContext& context);

}  // namespace pinfeed
