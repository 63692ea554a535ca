// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/slot_memory.h"

#include <fmt/format.h>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {
namespace {

std::string too_much(std::size_t bytes) {
  return fmt::format("the loader's slots take {} bytes; {} may be pinned", bytes, pin_limit());
}

// What raises pin_limit(): the lock limit where that is what binds.
std::string advice(std::size_t bytes) {
  if (pin_limit() == ram_bytes() / 4) {
    return "a quarter of the memory is the limit: use a smaller batch_size or image";
  }
  return fmt::format("raise RLIMIT_MEMLOCK with 'ulimit -l {}' (KiB)", (bytes + 1023) / 1024);
}

}  // namespace

SlotMemory slot_memory(std::size_t bytes, Pinning pinning, bool for_device) {
  const bool required = pinning == Pinning::require;
  if (!required && !for_device) return {.allocate = pageable()};
  if (bytes <= pin_limit()) return {.allocate = pinned(), .pinned = true};
  if (required) {
    throw Error(ErrorKind::system, too_much(bytes)).inside("pinfeed.pinning").help(advice(bytes));
  }
  return {.allocate = pageable(),
          .warning = too_much(bytes) + "; they are pageable, which is slower: " + advice(bytes)};
}

}  // namespace pinfeed
