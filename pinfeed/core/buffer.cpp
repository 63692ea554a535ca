// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/buffer.h"

#include <cstdlib>
#include <string>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr std::size_t alignment = cache_line_bytes;

}  // namespace

Buffer allocate_pageable(std::size_t size) {
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* bytes = rounded < size ? nullptr : std::aligned_alloc(alignment, rounded + alignment);
  if (bytes == nullptr) {
    throw Error(ErrorKind::system,
                "could not allocate " + std::to_string(size) + " bytes of memory");
  }
  return {std::shared_ptr<std::byte>(static_cast<std::byte*>(bytes), std::free), size,
          MemoryKind::pageable};
}

}  // namespace pinfeed
