// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 3.3.
#include <memory>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers.h"

namespace pinfeed {
namespace {

// The shuffled orders one after the other; only one of them is kept.
class Permutations {
 public:
  Permutations(std::uint64_t seed, std::int64_t size)
      : seed_(seed), size_(size), generator_(seed) {}

  std::int64_t at(std::int64_t place) {
    const std::int64_t wanted = place / size_;
    if (wanted < number_) {
      generator_ = Mt19937(seed_);
      number_ = -1;
    }
    for (; number_ < wanted; ++number_) order_ = randperm(size_, generator_);
    return order_[static_cast<std::size_t>(place % size_)];
  }

 private:
  std::uint64_t seed_;
  std::int64_t size_;
  Mt19937 generator_;
  std::int64_t number_ = -1;
  std::vector<std::int64_t> order_ = {};
};

}  // namespace

void describe(Schema<InfiniteSampler>& schema) {
  schema.summary("One stream without epochs, dealt out to the ranks one by one.")
      .optional("shuffle", &InfiniteSampler::shuffle, "a new order for each round")
      .optional("seed", &InfiniteSampler::seed, "of the orders; the run's when absent");
}

Sampler make(const InfiniteSampler& params, const SamplerContext& context) {
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const auto order = [params, context, seed](std::int64_t) -> Order {
    if (context.dataset_size == 0) return {};
    const auto orders = std::make_shared<Permutations>(seed, context.dataset_size);
    const auto at = [params, context, orders](std::int64_t k) {
      const std::int64_t place = context.rank + k * context.world_size;
      return params.shuffle ? orders->at(place) : place % context.dataset_size;
    };
    return {context.dataset_size, at};
  };
  return {.name = InfiniteSampler::name, .endless = true, .order = order};
}

}  // namespace pinfeed
