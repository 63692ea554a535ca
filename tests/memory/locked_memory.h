// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <fstream>
#include <string>

#include "pinfeed/core/buffer.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {

// The KiB in a line of /proc/self/status.
inline std::size_t status_kib(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::size_t kib = 0;
    if (key == wanted + ":" && status >> kib) return kib;
  }
  return 0;
}

// With sanitizers and in some sandboxes mlock has no effect.
inline bool mlock_works() {
  const Buffer page = allocate_pageable(2 * page_bytes());
  const std::size_t before = status_kib("VmLck");
  ::mlock(page.data(), page_bytes());
  const bool locked = status_kib("VmLck") > before;
  ::munlock(page.data(), page_bytes());
  return locked;
}

}  // namespace pinfeed
