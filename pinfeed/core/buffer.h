// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace pinfeed {

/// Where bytes live: ordinary host memory, page-locked host memory, or a device.
enum class MemoryKind { pageable, pinned, device };

/// Shared ownership of a stretch of bytes. Copies share; the last one frees (or gives back to
/// the pool it came from). Device bytes must not be read by the host.
struct Buffer {
  std::shared_ptr<std::byte> bytes = nullptr;
  std::size_t size = 0;
  MemoryKind kind = MemoryKind::pageable;

  std::byte* data() const { return bytes.get(); }
  bool empty() const { return bytes == nullptr; }
};

/// From a size in bytes to a Buffer; throws Error(system) or Error(device) when there is none.
using Allocator = std::function<Buffer(std::size_t)>;

/// Uninitialised pageable memory, aligned to 64 bytes. Throws Error(system) when there is none.
Buffer allocate_pageable(std::size_t size);

}  // namespace pinfeed
