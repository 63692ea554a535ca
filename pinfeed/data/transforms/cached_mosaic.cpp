// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, CachedMosaic.
#include "pinfeed/data/transforms/cached_mosaic.h"

#include <utility>

#include "pinfeed/data/transforms/earlier_samples.h"

namespace pinfeed {

void describe(Schema<CachedMosaic>& schema) {
  schema.summary("Mosaic whose other images are earlier samples; supports masks.")
      .include<Mosaic>()
      .optional("max_cached_images", &CachedMosaic::max_cached_images,
                "number of samples to choose from", at_least(4))
      .optional("random_pop", &CachedMosaic::random_pop,
                "under replay: evict a random sample from the full cache; False: the oldest");
}

FieldUse fields(const CachedMosaic&) {
  FieldUse use = fields(Mosaic{});
  use.updates |= Field::masks;
  use.earlier_samples = true;
  return use;
}

bool apply(const CachedMosaic& params, Sample& sample, RandomContext& random) {
  const EarlierSamples earlier(sample, params.max_cached_images, params.random_pop, random);
  if (earlier.count() <= 4) return true;
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  Sample first = earlier.choose(random);
  Sample second = earlier.choose(random);
  const std::array<Sample, 3> others = {std::move(first), std::move(second),
                                        earlier.choose(random)};
  make_mosaic(params, sample, others, random);
  return true;
}

// The first samples of an epoch stay as they are: there are too few samples before them.
Bound bound(const CachedMosaic& params, const Bound& images) {
  return either(bound(static_cast<const Mosaic&>(params), images), images);
}

}  // namespace pinfeed
