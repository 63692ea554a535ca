// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 3.2.
#include "pinfeed/data/samplers/default_sampler.h"
#include "pinfeed/data/samplers/strided_order.h"

namespace pinfeed {
namespace {

std::int64_t size_of_rank(bool round_up, const SamplerContext& context) {
  const std::int64_t world = context.world_size;
  const std::int64_t from_rank =
      round_up ? context.dataset_size : context.dataset_size - context.rank;
  return (from_rank + world - 1) / world;
}

}  // namespace

void describe(Schema<DefaultSampler>& schema) {
  schema.summary("Epochs over the whole data set; each rank takes every world_size-th sample.")
      .optional("shuffle", &DefaultSampler::shuffle, "a new order for each epoch")
      .optional("seed", &DefaultSampler::seed, "seed of the order; default: the seed of the run")
      .optional("round_up", &DefaultSampler::round_up,
                "repeat some samples so that all ranks have the same number");
}

Sampler make(const DefaultSampler& params, const SamplerContext& context) {
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const std::int64_t samples = size_of_rank(params.round_up, context);
  return {.name = DefaultSampler::name,
          .order = StridedOrder{params.shuffle, samples, context, seed},
          .strided = true};
}

}  // namespace pinfeed
