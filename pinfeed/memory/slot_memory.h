// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// What `pinfeed = dict(pinning=...)` says: page-locked where it helps and may be had, or an error.
enum class Pinning : std::uint8_t { prefer, require };

/// Where the slots of a loader come from.
struct SlotMemory {
  Allocator allocate = {};
  bool pinned = false;
  std::string warning = {};  // why not pinned, where it would have helped; else empty
};

/// Memory for slots of `bytes` in all. For a device they are pinned up to pin_limit(), beyond it
/// pageable with a warning that names the limit and the command that raises it. On the CPU they are
/// pageable: locking would gain nothing. Pinning::require locks in both cases, or throws
/// Error(system).
SlotMemory slot_memory(std::size_t bytes, Pinning pinning, bool for_device);

}  // namespace pinfeed
