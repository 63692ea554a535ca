// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

struct PoolLimits {
  std::size_t keep_bytes = std::size_t{256} << 20U;  // unused memory that the pool keeps at most
};

struct PoolStats {
  std::size_t used_bytes = 0;  // in buffers
  std::size_t kept_bytes = 0;  // unused, kept for later requests
  std::int64_t hits = 0;       // requests that reused a block
  std::int64_t misses = 0;     // requests that went to the upstream allocator
};

/// A pool of blocks: `allocate` reuses the memory of buffers that were destroyed. Copies share the
/// pool; buffers may outlive it. Any thread. A hit allocates nothing, not even the reference count,
/// and takes no lock.
struct Pool {
  Allocator allocate = {};
  std::function<PoolStats()> stats = {};
  /// Frees all unused memory.
  std::function<void()> trim = {};
};

/// A pool over `upstream`. A returned block is freed if the pool would exceed its limits or has 32
/// unused blocks of its size class. When `upstream` throws Error, the pool frees all unused memory
/// and tries again once.
Pool pooled(Allocator upstream, const PoolLimits& limits = {});

/// The size of the block that serves a request: at least 4 KiB, at most a quarter more than `size`,
/// and a multiple of 2 MiB above 2 MiB.
std::size_t size_class(std::size_t size);

}  // namespace pinfeed
