// SPDX-License-Identifier: Apache-2.0
//
// The endless stream of InfiniteSampler: permutations of [0, size) one after the other, all from
// one Mersenne Twister, as torch.randperm called again and again with one generator gives them.
//
// Only one permutation is stored. A position of the stream belongs to permutation number
// position / size, so moving forward to it needs no shuffling of those between: a shuffle of `size`
// elements consumes exactly size - 1 words of the generator, and discard() passes over the words of
// all skipped shuffles. The generator cannot run backwards, so an earlier position seeds it again.
// Ascending positions, which is how a loader reads them, cost one shuffle for each round.
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers/stored_order.h"

namespace pinfeed {

/// An endless stream of shuffled indices. One thread at a time.
class Permutations {
 public:
  Permutations(std::uint64_t seed, std::int64_t size)
      : seed_(seed), size_(size), generator_(seed) {}

  /// The index at a position of the stream, at least 0. Ascending positions are fast. Throws
  /// Error(system) when a permutation exceeds the memory of the machine.
  std::int64_t at(std::int64_t position) {
    if (position < first_ || position >= first_ + std::ssize(order_)) shuffle(position / size_);
    return order_[static_cast<std::size_t>(position - first_)];
  }

 private:
  void shuffle(std::int64_t round) {
    if (round < round_) {
      generator_ = Mt19937(seed_);
      round_ = -1;
    }
    resize_order(order_, size_);
    generator_.discard((round - round_ - 1) * (size_ - 1));
    TorchRandom(generator_).randperm(order_);
    round_ = round;
    first_ = round * size_;
  }

  std::uint64_t seed_;
  std::int64_t size_;
  Mt19937 generator_;
  std::int64_t round_ = -1;  // number of the stored permutation
  std::int64_t first_ = 0;   // position of its first index in the stream
  std::vector<std::int64_t> order_ = {};
};

}  // namespace pinfeed
