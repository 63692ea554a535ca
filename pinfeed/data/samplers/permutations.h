// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/samplers/kept_order.h"

namespace pinfeed {

/// Shuffled orders of [0, size) one after the other, out of one generator; only one of them is
/// kept. Going back begins anew.
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
    make_room(order_, size_);
    for (; number_ < wanted; ++number_) TorchDraw(generator_).randperm(order_);
    return order_[static_cast<std::size_t>(place % size_)];
  }

 private:
  std::uint64_t seed_;
  std::int64_t size_;
  Mt19937 generator_;
  std::int64_t number_ = -1;
  std::vector<std::int64_t> order_ = {};
};

}  // namespace pinfeed
