// SPDX-License-Identifier: Apache-2.0
// A permutation of [0, size) without a table, for data sets whose order would not fit into memory.
//
// A Feistel network splits a number of 2 h bits into two halves and computes, round by round,
// (left, right) -> (right, left ^ f(right)). Each round can be undone whatever f is, so the network
// is a permutation of [0, 4^h); f is Philox with the round as counter and (seed, epoch) as key. h
// is the smallest with 4^h >= size. To stay below size, the network is applied again until its
// result is (cycle walking): the cycle of the permutation that starts at an index below size
// returns to it, so the loop ends, and two indices cannot lead to the same result. 4^h is less than
// 4 * size, so fewer than 4 applications are needed on average.
#include <bit>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers/keyed_sampler.h"

namespace pinfeed {
namespace {

constexpr std::uint32_t feistel_rounds = 6;

class KeyedPermutation {
 public:
  KeyedPermutation(std::int64_t size, std::uint64_t seed, std::uint64_t epoch)
      : size_(static_cast<std::uint64_t>(size)) {
    const auto bits = static_cast<std::uint32_t>(std::bit_width(size_ - 1));
    half_ = (bits + 1) / 2;
    const auto key = Philox::block(
        {static_cast<std::uint32_t>(epoch), static_cast<std::uint32_t>(epoch >> 32U), 0, 0},
        {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
    key_ = {key[0], key[1]};
  }

  std::int64_t at(std::int64_t position) const {
    auto value = static_cast<std::uint64_t>(position);
    do value = feistel(value);
    while (value >= size_);
    return static_cast<std::int64_t>(value);
  }

 private:
  std::uint64_t feistel(std::uint64_t value) const {
    const std::uint64_t mask = (std::uint64_t{1} << half_) - 1;
    std::uint64_t left = value >> half_;
    std::uint64_t right = value & mask;
    for (std::uint32_t round = 0; round < feistel_rounds; ++round) {
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
  schema.summary("A shuffled order that is computed index by index and not stored.")
      .optional("seed", &KeyedSampler::seed, "seed of the order; default: the seed of the run");
}

Sampler make(const KeyedSampler& params, const SamplerContext& context) {
  const std::uint64_t seed = params.seed ? static_cast<std::uint64_t>(*params.seed) : context.seed;
  const auto order = [context, seed](std::int64_t epoch) -> Order {
    if (context.dataset_size == 0) return {};
    const KeyedPermutation permutation(context.dataset_size, seed,
                                       static_cast<std::uint64_t>(epoch));
    const std::int64_t samples =
        (context.dataset_size + context.world_size - 1) / context.world_size;
    return {samples, [context, permutation](std::int64_t k) {
              const std::int64_t position = context.rank + k * context.world_size;
              return permutation.at(position % context.dataset_size);
            }};
  };
  return {.name = KeyedSampler::name, .order = order, .strided = true};
}

}  // namespace pinfeed
