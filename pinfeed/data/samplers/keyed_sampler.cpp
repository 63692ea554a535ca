// SPDX-License-Identifier: Apache-2.0
// A permutation by a Feistel network over the next even number of bits, walked until it falls
// inside the data set: no table, whatever the size.
#include <bit>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers/keyed_sampler.h"

namespace pinfeed {
namespace {

constexpr std::uint32_t rounds = 6;

class Permutation {
 public:
  Permutation(std::int64_t size, std::uint64_t seed, std::uint64_t epoch)
      : size_(static_cast<std::uint64_t>(size)) {
    const auto bits = static_cast<std::uint32_t>(std::bit_width(size_ - 1));
    half_ = (bits + 1) / 2;
    const auto key = Philox::block(
        {static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(epoch >> 32U), 0, 0},
        {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
    key_ = {key[0], key[1]};
  }

  std::int64_t at(std::int64_t place) const {
    auto value = static_cast<std::uint64_t>(place);
    do value = mixed_once(value);
    while (value >= size_);
    return static_cast<std::int64_t>(value);
  }

 private:
  std::uint64_t mixed_once(std::uint64_t value) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_) - 1;
    std::uint64_t left = value >> half_;
    std::uint64_t right = value & mask;
    for (std::uint32_t round = 0; round < rounds; ++round) {
      const auto word = Philox::block({static_cast<std::uint32_t>(right), round, 0, 0}, key_);
      const std::uint64_t next = (left ^ word[0]) & mask;
      left = right;
      right = next;
    }
    return left << half_ | right;
  }

  std::uint64_t size_;
  std::uint32_t half_ = 0;
  std::array<std::uint32_t, 2> key_ = {};
};

}  // namespace

void describe(Schema<KeyedSampler>& schema) {
  schema.summary("A shuffled order that is computed place by place and takes no memory.")
      .optional("seed", &KeyedSampler::seed, "of the order; the run's when absent");
}

Sampler make(const KeyedSampler& params, const SamplerContext& context) {
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const auto order = [context, seed](std::int64_t epoch) -> Order {
    if (context.dataset_size == 0) return {};
    const Permutation permutation(context.dataset_size, seed, static_cast<std::uint64_t>(epoch));
    const std::int64_t own = (context.dataset_size + context.world_size - 1) / context.world_size;
    return {own, [context, permutation](std::int64_t k) {
              const std::int64_t place = context.rank + k * context.world_size;
              return permutation.at(place % context.dataset_size);
            }};
  };
  return {.name = KeyedSampler::name, .order = order, .strided = true};
}

}  // namespace pinfeed
