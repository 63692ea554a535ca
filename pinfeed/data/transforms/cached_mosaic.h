// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/mosaic.h"

namespace pinfeed {

/// Mosaic whose other images are samples that came before.
struct CachedMosaic : Mosaic {
  static constexpr auto name = "CachedMosaic";

  int max_cached_images = 40;
  bool random_pop = true;  // which sample goes when there are too many; else the oldest
};
void describe(Schema<CachedMosaic>& schema);
FieldUse fields(const CachedMosaic& params);
bool apply(const CachedMosaic& params, Sample& sample, RandomContext& random);
Bound bound(const CachedMosaic& params, const Bound& images);

}  // namespace pinfeed
