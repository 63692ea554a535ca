// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 3.2.
#include <memory>
#include <numeric>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers.h"

namespace pinfeed {
namespace {

std::vector<std::int64_t> order_of(bool shuffle, std::uint64_t seed, std::int64_t size) {
  if (shuffle) {
    Mt19937 generator(seed);
    return randperm(size, generator);
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

std::int64_t size_of_rank(bool round_up, const SamplerContext& context) {
  const std::int64_t world = context.world_size;
  const std::int64_t rest = round_up ? context.dataset_size : context.dataset_size - context.rank;
  return (rest + world - 1) / world;
}

}  // namespace

void describe(Schema<DefaultSampler>& schema) {
  schema.summary("Epochs over the whole data set, dealt out to the ranks one by one.")
      .optional("shuffle", &DefaultSampler::shuffle, "a new order for each epoch")
      .optional("seed", &DefaultSampler::seed, "of the order; the run's when absent")
      .optional("round_up", &DefaultSampler::round_up,
                "repeat some samples so that all ranks have the same number");
}

Sampler make(const DefaultSampler& params, const SamplerContext& context) {
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const auto order = [params, context, seed](std::int64_t epoch) -> Order {
    if (context.dataset_size == 0) return {};
    const auto indices = std::make_shared<const std::vector<std::int64_t>>(
        order_of(params.shuffle, seed + static_cast<std::uint64_t>(epoch), context.dataset_size));
    const auto at = [indices, context](std::int64_t k) {
      const std::int64_t place = (context.rank + k * context.world_size) % context.dataset_size;
      return (*indices)[static_cast<std::size_t>(place)];
    };
    return {size_of_rank(params.round_up, context), at};
  };
  return {.name = DefaultSampler::name, .endless = false, .order = order};
}

}  // namespace pinfeed
