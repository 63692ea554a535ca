// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers/kept_order.h"

namespace pinfeed {

/// Shuffled orders of [0, size) one after the other, out of one generator; only one of them is
/// kept, and those between are passed over. Going back begins anew.
class Permutations {
 public:
  Permutations(std::uint64_t seed, std::int64_t size)
      : seed_(seed), size_(size), generator_(seed) {}

  std::int64_t at(std::int64_t place) {
    if (place < first_ || place >= first_ + std::ssize(order_)) make(place / size_);
    return order_[static_cast<std::size_t>(place - first_)];
  }

 private:
  void make(std::int64_t wanted) {
    if (wanted < number_) {
      generator_ = Mt19937(seed_);
      number_ = -1;
    }
    make_room(order_, size_);
    generator_.discard((wanted - number_ - 1) * (size_ - 1));  // a shuffle takes size - 1 words
    TorchRandom(generator_).randperm(order_);
    number_ = wanted;
    first_ = wanted * size_;
  }

  std::uint64_t seed_;
  std::int64_t size_;
  Mt19937 generator_;
  std::int64_t number_ = -1;  // of the order that is kept
  std::int64_t first_ = 0;    // its first place
  std::vector<std::int64_t> order_ = {};
};

}  // namespace pinfeed
