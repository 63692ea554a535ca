// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/samplers/multi_source_sampler.h"

namespace pinfeed {

/// MultiSourceSampler whose batches are all portrait images or all landscape images.
struct GroupMultiSourceSampler : MultiSourceSampler {
  static constexpr auto name = "GroupMultiSourceSampler";
};
void describe(Schema<GroupMultiSourceSampler>& schema);
Sampler make(const GroupMultiSourceSampler& params, const SamplerContext& context);

}  // namespace pinfeed
