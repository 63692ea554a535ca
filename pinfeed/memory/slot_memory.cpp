// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/slot_memory.h"

#include <fmt/format.h>

#include <memory>
#include <mutex>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {
namespace {

std::string limit_exceeded(std::size_t bytes) {
  return fmt::format("the loader's slots take {} bytes; {} may be pinned", bytes, pin_limit());
}

// How to raise pin_limit().
std::string pin_limit_help(std::size_t bytes) {
  const std::size_t quarter = ram_bytes() / 4;
  if (bytes > quarter || pin_limit() == quarter) {
    return "a quarter of the memory is the limit: use a smaller batch_size or image";
  }
  return fmt::format("raise RLIMIT_MEMLOCK with 'ulimit -l {}' (KiB)",
                     (lock_limit_for(bytes) + 1023) / 1024);
}

// The reason why pinned memory was refused.
struct Refusal {
  std::string reason() const {
    const std::lock_guard lock(mutex);
    return text;
  }
  void note(const Error& error) {
    const std::lock_guard lock(mutex);
    text = "the loader's slots are pageable, which is slower: " + error.text();
    if (!error.advice().empty()) text += "; " + error.advice();
  }

  mutable std::mutex mutex;
  std::string text = {};
};

// After the first refusal no memory is pinned any more.
SlotMemory pinned_if_possible() {
  auto refusal = std::make_shared<Refusal>();
  const auto allocate = [refusal](std::size_t bytes) {
    if (refusal->reason().empty()) {
      try {
        return allocate_pinned(bytes);
      } catch (const Error& error) {
        refusal->note(error);
      }
    }
    return allocate_huge(bytes);
  };
  return {.allocate = allocate, .pinned = true, .refused = [refusal] { return refusal->reason(); }};
}

}  // namespace

SlotMemory slot_memory(std::size_t bytes, Pinning pinning, bool for_device) {
  const bool required = pinning == Pinning::require;
  if (!required && !for_device) return {.allocate = pageable()};
  if (bytes <= pin_limit()) {
    return required ? SlotMemory{.allocate = pinned(), .pinned = true} : pinned_if_possible();
  }
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
