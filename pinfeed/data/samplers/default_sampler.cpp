// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 3.2.
#include <numeric>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers.h"

namespace pinfeed {
namespace {

std::int64_t size_of_rank(bool round_up, const SamplerContext& context) {
  const std::int64_t world = context.world_size;
  const std::int64_t rest = round_up ? context.dataset_size : context.dataset_size - context.rank;
  return (rest + world - 1) / world;
}

// The order of one epoch after the other, in the same memory.
struct Dealer {
  DefaultSampler params = {};
  SamplerContext context = {};
  std::uint64_t seed = 0;
  std::vector<std::int64_t> indices = {};

  Order operator()(std::int64_t epoch) {
    if (context.dataset_size == 0) return {};
    indices.resize(static_cast<std::size_t>(context.dataset_size));
    if (params.shuffle) {
      Mt19937 generator(seed + static_cast<std::uint64_t>(epoch));
      TorchDraw(generator).randperm(indices);
    } else {
      std::iota(indices.begin(), indices.end(), 0);
    }
    return {size_of_rank(params.round_up, context), [this](std::int64_t k) { return at(k); }};
  }
  std::int64_t at(std::int64_t k) const {
    const std::int64_t place = (context.rank + k * context.world_size) % context.dataset_size;
    return indices[static_cast<std::size_t>(place)];
  }
};

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
  return {.name = DefaultSampler::name, .order = Dealer{params, context, seed}};
}

}  // namespace pinfeed
