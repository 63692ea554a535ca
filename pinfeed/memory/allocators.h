// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "pinfeed/core/buffer.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// Allocators are functions from a size to a Buffer. The functions below return one. Copies of an
/// allocator share its state. Unless stated otherwise, any thread may call an allocator, and a
/// buffer may outlive it.

/// Ordinary memory, on pages of 2 MiB where the system has them: allocate_huge().
Allocator pageable();
/// Page-locked host memory, which a device reads directly: allocate_pinned().
Allocator pinned();
/// Device memory: allocate_device().
Allocator device();
/// Device memory that is freed when the work given to `stream` before the buffer's destruction is
/// done. The host need not wait before it drops a buffer.
Allocator device(Stream stream);

/// Calls `free_memory` and asks `upstream` once more when it throws Error(device): another
/// allocator of the process may keep memory of the device that it does not use.
Allocator retried(Allocator upstream, std::function<void()> free_memory);

/// Serves `count` requests of at most `bytes` from one block, which is allocated at the first of
/// them: locking pages once is faster than `count` times. All other requests go to `upstream`. The
/// block is freed with the last of its buffers. One thread at a time.
Allocator carved(Allocator upstream, int count, std::size_t bytes);

}  // namespace pinfeed
