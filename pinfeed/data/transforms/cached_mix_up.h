// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/mix_up.h"

namespace pinfeed {

/// MixUp whose other image is a sample that came before.
struct CachedMixUp : MixUp {
  static constexpr auto name = "CachedMixUp";

  int max_cached_images = 20;
  bool random_pop = true;
  double prob = 1.0;
};
void describe(Schema<CachedMixUp>& schema);
FieldUse fields(const CachedMixUp& params);
bool apply(const CachedMixUp& params, Sample& sample, RandomContext& random);

}  // namespace pinfeed
