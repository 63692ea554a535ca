// SPDX-License-Identifier: Apache-2.0
// Source of the rules: torch.utils.data.DistributedSampler.
#include "pinfeed/data/samplers/distributed_sampler.h"
#include "pinfeed/data/samplers/strided_order.h"

namespace pinfeed {

void describe(Schema<DistributedSampler>& schema) {
  schema
      .summary(
          "torch's sampler: epochs over the whole data set; each rank takes every world_size-th "
          "sample.")
      .optional("shuffle", &DistributedSampler::shuffle, "a new order for each epoch")
      .optional("seed", &DistributedSampler::seed,
                "seed of the order; the seed of the run is not used", at_least(0))
      .optional("drop_last", &DistributedSampler::drop_last,
                "drop the tail so that all ranks have the same number of samples; otherwise some "
                "samples are repeated")
      .refused("num_replicas", "it is the world size of the run")
      .refused("rank", "it is the rank of the run");
}

Sampler make(const DistributedSampler& params, const SamplerContext& context) {
  const std::int64_t gap = params.drop_last ? 0 : context.world_size - 1;
  const std::int64_t samples = (context.dataset_size + gap) / context.world_size;
  const auto seed = static_cast<std::uint64_t>(params.seed);
  return {.name = DistributedSampler::name,
          .order = StridedOrder{params.shuffle, samples, context, seed},
          .strided = true};
}

}  // namespace pinfeed
