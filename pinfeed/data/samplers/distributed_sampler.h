// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/samplers/default_sampler.h"

namespace pinfeed {

/// torch's own: DefaultSampler whose seed is not the run's, and which may drop the tail.
struct DistributedSampler {
  static constexpr auto name = "DistributedSampler";

  bool shuffle = true;
  std::int64_t seed = 0;
  bool drop_last = false;  // else ranks of equal length: the head of the order fills the gap
};
void describe(Schema<DistributedSampler>& schema);
Sampler make(const DistributedSampler& params, const SamplerContext& context);

}  // namespace pinfeed
