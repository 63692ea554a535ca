// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/sampler.h"
#include "pinfeed/data/samplers/kept_order.h"

namespace pinfeed {

/// The order of one epoch after the other in the same memory, shuffled by seed + epoch and dealt
/// out to the ranks one by one; beyond its end it begins anew.
struct StridedOrder {
  bool shuffle = true;
  std::int64_t own = 0;  // samples of this rank
  SamplerContext context = {};
  std::uint64_t seed = 0;
  std::vector<std::int64_t> indices = {};

  Order operator()(std::int64_t epoch) {
    if (context.dataset_size == 0) return {};
    make_room(indices, context.dataset_size);
    if (shuffle) {
      Mt19937 generator(seed + static_cast<std::uint64_t>(epoch));
      TorchRandom(generator).randperm(indices);
    } else {
      std::iota(indices.begin(), indices.end(), 0);
    }
    return {own, [this](std::int64_t k) { return at(k); }};
  }
  std::int64_t at(std::int64_t k) const {
    const std::int64_t place = (context.rank + k * context.world_size) % context.dataset_size;
    return indices[static_cast<std::size_t>(place)];
  }
};

}  // namespace pinfeed
