// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// Pageable memory on pages of 2 MiB where the system gives them (from 2 MiB up), else as
/// allocate_pageable. Untouched: the first write to a page pays for it.
Buffer allocate_huge(std::size_t size);

/// Memory that is never paged out (mlock), on huge pages where the system gives them. Throws
/// Error(system) naming RLIMIT_MEMLOCK and the command that raises it.
Buffer allocate_locked(std::size_t size);

/// Bytes of memory this process may use: the machine's, or the limit of its control group.
std::size_t ram_bytes();
/// Bytes this process may lock: RLIMIT_MEMLOCK, or all of ram_bytes() where it does not bind.
std::size_t lockable_bytes();
/// Beyond this many bytes a loader does not pin: a quarter of the memory, and never more than
/// lockable_bytes() where pinning means mlock.
std::size_t pin_limit();
std::size_t page_bytes();
/// Size of a transparent huge page; 0 where the system has none.
std::size_t huge_page_bytes();

struct PoolStats {
  std::size_t used_bytes = 0;  // handed out
  std::size_t kept_bytes = 0;  // given back, waiting for the next use
  std::int64_t hits = 0;       // requests served from what was kept
  std::int64_t misses = 0;     // requests that went to the allocator
};

/// A pool: `allocate` gives back what earlier buffers returned when they died. Copies share it;
/// buffers may outlive it. Any thread. A hit allocates nothing, not even the reference count.
struct Pool {
  Allocator allocate = {};
  std::function<PoolStats()> stats = {};
  /// Frees what is kept.
  std::function<void()> trim = {};
};

/// A pool over `allocator` that keeps at most `keep_bytes`; what comes back beyond that is freed.
Pool make_pool(Allocator allocator, std::size_t keep_bytes);

/// The size that a request for `size` takes in a pool: at most a quarter more (or 4 KiB).
std::size_t size_class(std::size_t size);

}  // namespace pinfeed
