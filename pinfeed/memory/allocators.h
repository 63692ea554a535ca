// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "pinfeed/core/buffer.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// Allocators are functions; these make one, or one out of another. Copies share. Unless said
/// otherwise any thread may call them, and a buffer may outlive its allocator.

/// Ordinary memory on pages of 2 MiB where the system gives them: allocate_huge.
Allocator pageable();
/// Page-locked host memory, which a device reads directly: allocate_pinned.
Allocator pinned();
/// Device memory: allocate_device.
Allocator device();
/// Device memory that is free again when the work given to `stream` until the buffer's death is
/// done, so that the host need not wait before it drops a buffer.
Allocator device(Stream stream);

/// Cuts many small buffers out of blocks of `block_bytes`; larger ones get a block of their own. A
/// block is freed when the last of its buffers dies. One thread at a time.
Allocator arena(Allocator upstream, std::size_t block_bytes);

/// Serves `count` requests of at most `bytes` out of one block, which the first of them gets:
/// memory that is slow to get is got once. All others go to `upstream`. The block is freed when the
/// last of its buffers dies. One thread at a time.
Allocator carved(Allocator upstream, int count, std::size_t bytes);

struct AllocationStats {
  std::int64_t allocations = 0;
  std::int64_t frees = 0;
  std::size_t bytes = 0;       // now in use
  std::size_t peak_bytes = 0;  // the most that was in use at once
};

/// An allocator and what went through it.
struct Counted {
  Allocator allocate = {};
  std::function<AllocationStats()> stats = {};
};

Counted counted(Allocator upstream);

/// Throws Error(system) where more than `budget_bytes` would be in use at once.
Allocator limited(Allocator upstream, std::size_t budget_bytes);

/// For tests: the first `good` requests are served, later ones throw Error(system).
Allocator failing(Allocator upstream, std::int64_t good);

}  // namespace pinfeed
