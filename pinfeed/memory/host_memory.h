// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// Pageable memory on pages of 2 MiB where the system gives them (from 2 MiB up), else as
/// allocate_pageable. Untouched: the first write to a page pays for it.
Buffer allocate_huge(std::size_t size);

/// What one call of the system or of a driver locks or copies at most: larger calls hold everybody
/// else up.
constexpr std::size_t driver_chunk_bytes = std::size_t{256} << 20U;

/// Memory that is never paged out (mlock, in chunks), on huge pages where the system gives them.
/// Throws Error(system) naming RLIMIT_MEMLOCK and the command that raises it; nothing stays locked.
Buffer allocate_locked(std::size_t size, std::size_t chunk_bytes = driver_chunk_bytes);

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

}  // namespace pinfeed
