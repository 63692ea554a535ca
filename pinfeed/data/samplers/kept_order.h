// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {

/// Makes `order` hold `size` places. Throws Error(system) when the machine has no memory for that.
inline void make_room(std::vector<std::int64_t>& order, std::int64_t size) {
  const auto places = static_cast<std::size_t>(size);
  if (places > order.capacity() && places > ram_bytes() / sizeof(std::int64_t)) {
    throw Error(ErrorKind::system, "no memory for the order of " + std::to_string(size) +
                                       " samples, which the sampler keeps")
        .help("KeyedSampler keeps none");
  }
  order.resize(places);
}

}  // namespace pinfeed
