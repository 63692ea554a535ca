// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, CachedMixUp.
#include "pinfeed/data/transforms/cached_mix_up.h"

#include "pinfeed/data/transforms/earlier_samples.h"

namespace pinfeed {

void describe(Schema<CachedMixUp>& schema) {
  schema.summary("MixUp whose other image is an earlier sample; supports masks.")
      .include<MixUp>()
      .optional("max_cached_images", &CachedMixUp::max_cached_images,
                "number of samples to choose from", at_least(2))
      .optional("random_pop", &CachedMixUp::random_pop,
                "under replay: evict a random sample from the full cache; False: the oldest")
      .optional("prob", &CachedMixUp::prob, "probability of the mix", between(0, 1));
}

FieldUse fields(const CachedMixUp&) {
  FieldUse use = fields(MixUp{});
  use.updates |= Field::masks;
  use.earlier_samples = true;
  return use;
}

bool apply(const CachedMixUp& params, Sample& sample, RandomContext& random) {
  const EarlierSamples earlier(sample, params.max_cached_images, params.random_pop, random);
  if (earlier.count() <= 1) return true;
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  Sample other = earlier.choose(random);
  for (int i = 1; i < params.max_iters && other.boxes.empty(); ++i) other = earlier.choose(random);
  mix_up(params, sample, other, random);
  return true;
}

}  // namespace pinfeed
