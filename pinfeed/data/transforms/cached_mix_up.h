// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/transforms/mix_up.h"

namespace pinfeed {

/// MixUp whose other image is an earlier sample of the same rank.
struct CachedMixUp : MixUp {
  static constexpr auto name = "CachedMixUp";

  int max_cached_images = 20;
  bool random_pop = true;  // replay: evict a random sample from the full cache; else the oldest
  double prob = 1.0;
};
void describe(Schema<CachedMixUp>& schema);
FieldUse fields(const CachedMixUp& params);
bool apply(const CachedMixUp& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
