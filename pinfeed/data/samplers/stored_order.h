// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {

/// Resizes an order that a sampler stores to `size` entries. Throws Error(system) when they exceed
/// the memory of the machine.
inline void resize_order(std::vector<std::int64_t>& order, std::int64_t size) {
  const auto entries = static_cast<std::size_t>(size);
  if (entries > order.capacity() && entries > ram_bytes() / sizeof(std::int64_t)) {
    throw Error(ErrorKind::system, "no memory for the order of " + std::to_string(size) +
                                       " samples, which the sampler stores")
        .help("KeyedSampler stores no order");
  }
  order.resize(entries);
}

}  // namespace pinfeed
