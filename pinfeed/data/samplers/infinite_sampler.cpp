// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.3.
#include <memory>

#include "pinfeed/data/samplers/infinite_sampler.h"
#include "pinfeed/data/samplers/permutations.h"

namespace pinfeed {

void describe(Schema<InfiniteSampler>& schema) {
  schema.summary("One stream without epochs; each rank takes every world_size-th sample.")
      .optional("shuffle", &InfiniteSampler::shuffle, "a new order for each round")
      .optional("seed", &InfiniteSampler::seed, "seed of the orders; default: the seed of the run");
}

Sampler make(const InfiniteSampler& params, const SamplerContext& context) {
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const auto order = [params, context, seed](std::int64_t) -> Order {
    if (context.dataset_size == 0) return {};
    const auto orders = std::make_shared<Permutations>(seed, context.dataset_size);
    const auto at = [params, context, orders](std::int64_t k) {
      const std::int64_t position = context.rank + k * context.world_size;
      return params.shuffle ? orders->at(position) : position % context.dataset_size;
    };
    const std::int64_t round = context.world_size == 1 ? context.dataset_size : 0;
    return {context.dataset_size, at, round};
  };
  return {.name = InfiniteSampler::name, .endless = true, .order = order, .strided = true};
}

}  // namespace pinfeed
