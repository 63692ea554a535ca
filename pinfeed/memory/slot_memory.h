// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "pinfeed/core/buffer.h"

namespace pinfeed {

/// `pinfeed = dict(pinning=...)`. prefer: page-locked where it helps and is allowed. require:
/// page-locked, or an error.
enum class Pinning : std::uint8_t { prefer, require };

/// The allocator for the slots of a loader.
struct SlotMemory {
  Allocator allocate = {};
  bool pinned = false;       // unless refused() says otherwise
  std::string warning = {};  // why the memory is not pinned although it would help, or empty
  /// Why the system refused to pin memory, so that `allocate` gave pageable memory instead; empty
  /// if it did not. Any thread.
  std::function<std::string()> refused = [] { return std::string(); };
};

/// Memory for slots of `bytes` in total. For a device it is pinned up to pin_limit(); beyond that
/// it is pageable, with a warning that names the limit and the command that raises it. It is
/// pageable, too, if the system refuses an allocation within the limit. On the CPU it is pageable,
/// because locking gains nothing. Pinning::require pins in both cases, or throws Error(system); its
/// allocator throws what allocate_pinned() throws.
SlotMemory slot_memory(std::size_t bytes, Pinning pinning, bool for_device);

}  // namespace pinfeed
