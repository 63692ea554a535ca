// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// Pageable memory, on pages of 2 MiB where the system has them. Below 2 MiB: allocate_pageable().
/// The memory is not touched; the first write to a page makes the system provide it.
Buffer allocate_huge(std::size_t size);

/// The most bytes that one call of the system or of the driver locks or copies: larger calls block
/// other threads for too long.
constexpr std::size_t driver_chunk_bytes = std::size_t{256} << 20U;

/// Memory that is never paged out (mlock, in chunks), on huge pages where the system has them.
/// Throws Error(system) naming RLIMIT_MEMLOCK and the command that raises it; nothing stays locked
/// then.
Buffer allocate_locked(std::size_t size, std::size_t chunk_bytes = driver_chunk_bytes);

/// Bytes of memory that this process may use: the machine's memory, or the lowest limit of its
/// control groups.
std::size_t ram_bytes();
/// Bytes that this process may still lock: RLIMIT_MEMLOCK without what is locked already, or
/// ram_bytes() where the limit does not apply. It does not apply with CAP_IPC_LOCK, unless in a
/// user namespace.
std::size_t lockable_bytes();
/// The RLIMIT_MEMLOCK in bytes that lets this process lock `bytes` more; above the present limit.
std::size_t lock_limit_for(std::size_t bytes);
/// A loader pins at most this many bytes: a quarter of ram_bytes(), and at most lockable_bytes()
/// where pinning means mlock.
std::size_t pin_limit();
std::size_t page_bytes();
/// Size of a transparent huge page; 0 if the system has none.
std::size_t huge_page_bytes();

}  // namespace pinfeed
