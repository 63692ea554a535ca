// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <numeric>
#include <vector>

#include "pinfeed/core/random.h"
#include "pinfeed/data/sampler.h"
#include "pinfeed/data/samplers/stored_order.h"

namespace pinfeed {

/// The order of an epoch, shuffled with seed + epoch. Rank r takes positions r, r + world_size, ...
/// of it; positions beyond the end start over at the beginning. All epochs use the same memory, so
/// an Order is valid until the next call.
struct StridedOrder {
  bool shuffle = true;
  std::int64_t samples = 0;  // of this rank in an epoch
  SamplerContext context = {};
  std::uint64_t seed = 0;
  std::vector<std::int64_t> indices = {};  // of all ranks

  Order operator()(std::int64_t epoch) {
    if (context.dataset_size == 0) return {};
    resize_order(indices, context.dataset_size);
    if (shuffle) {
      Mt19937 generator(seed + static_cast<std::uint64_t>(epoch));
      TorchRandom(generator).randperm(indices);
    } else {
      std::iota(indices.begin(), indices.end(), 0);
    }
    return {samples, [this](std::int64_t k) { return at(k); }};
  }
  std::int64_t at(std::int64_t k) const {
    const std::int64_t position = (context.rank + k * context.world_size) % context.dataset_size;
    return indices[static_cast<std::size_t>(position)];
  }
};

}  // namespace pinfeed
