// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/transforms/mosaic.h"

namespace pinfeed {

/// Mosaic whose other three images are earlier samples of the same rank.
struct CachedMosaic : Mosaic {
  static constexpr auto name = "CachedMosaic";

  int max_cached_images = 40;
  bool random_pop = true;  // replay: evict a random sample from the full cache; else the oldest
};
void describe(Schema<CachedMosaic>& schema);
FieldUse fields(const CachedMosaic& params);
bool apply(const CachedMosaic& params, Sample& sample, RandomContext& random);
Bound bound(const CachedMosaic& params, const Bound& images);

}  // namespace pinfeed
