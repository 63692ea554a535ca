// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/slot_memory.h"

#include <fmt/format.h>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {
namespace {

std::string limit_exceeded(std::size_t bytes) {
  return fmt::format("the loader's slots take {} bytes; {} may be pinned", bytes, pin_limit());
}

// How to raise pin_limit().
std::string pin_limit_help(std::size_t bytes) {
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
    throw Error(ErrorKind::system, limit_exceeded(bytes))
        .inside("pinfeed.pinning")
        .help(pin_limit_help(bytes));
  }
  return {.allocate = pageable(),
          .warning = limit_exceeded(bytes) +
                     "; they are pageable, which is slower: " + pin_limit_help(bytes)};
}

}  // namespace pinfeed
