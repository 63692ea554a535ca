// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

struct PoolLimits {
  std::size_t keep_bytes = std::size_t{256} << 20U;  // what may lie there unused
};

struct PoolStats {
  std::size_t used_bytes = 0;  // handed out
  std::size_t kept_bytes = 0;  // given back, waiting for the next use
  std::int64_t hits = 0;       // requests served from what was kept
  std::int64_t misses = 0;     // requests that went to the allocator
};

/// A pool: `allocate` gives back what earlier buffers returned when they died. Copies share it;
/// buffers may outlive it. Any thread. A hit allocates nothing, not even the reference count, and
/// takes no lock.
struct Pool {
  Allocator allocate = {};
  std::function<PoolStats()> stats = {};
  /// Frees what is kept.
  std::function<void()> trim = {};
};

/// A pool over `upstream`. What comes back beyond the limits, or as the 33rd block of a size class,
/// is freed. When `upstream` has nothing left, what is kept is freed before it is asked again.
Pool pooled(Allocator upstream, const PoolLimits& limits = {});

/// The size that a request takes in a pool: at least 4 KiB, at most a quarter more than asked for,
/// and whole pages of 2 MiB beyond one.
std::size_t size_class(std::size_t size);

}  // namespace pinfeed
