// SPDX-License-Identifier: Apache-2.0
// Source of the rules: torch.utils.data.DistributedSampler.
#include "pinfeed/data/samplers/distributed_sampler.h"
#include "pinfeed/data/samplers/strided_order.h"

namespace pinfeed {

void describe(Schema<DistributedSampler>& schema) {
  schema.summary("torch's sampler: epochs over the whole data set, dealt out to the ranks.")
      .optional("shuffle", &DistributedSampler::shuffle, "a new order for each epoch")
      .optional("seed", &DistributedSampler::seed, "of the order; never the run's", at_least(0))
      .optional(
          "drop_last", &DistributedSampler::drop_last,
          "drop the tail so that all ranks have the same number; else some samples come twice")
      .refused("num_replicas", "it is the world size of the run")
      .refused("rank", "it is the rank of the run");
}

Sampler make(const DistributedSampler& params, const SamplerContext& context) {
  const std::int64_t gap = params.drop_last ? 0 : context.world_size - 1;
  const std::int64_t own = (context.dataset_size + gap) / context.world_size;
  const auto seed = static_cast<std::uint64_t>(params.seed);
  return {.name = DistributedSampler::name,
          .order = StridedOrder{params.shuffle, own, context, seed},
          .strided = true};
}

}  // namespace pinfeed
