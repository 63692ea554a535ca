// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/mman.h>

#include "pinfeed/core/buffer.h"
#include "pinfeed/memory/host_memory.h"
#include "tests/peak_memory.h"

namespace pinfeed {

// With sanitizers and in some sandboxes mlock has no effect.
inline bool mlock_works() {
  const Buffer page = allocate_pageable(2 * page_bytes());
  const std::size_t before = test::status_bytes("VmLck");
  ::mlock(page.data(), page_bytes());
  const bool locked = test::status_bytes("VmLck") > before;
  ::munlock(page.data(), page_bytes());
  return locked;
}

}  // namespace pinfeed
