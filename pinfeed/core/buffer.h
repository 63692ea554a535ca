// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace pinfeed {

/// Ordinary host memory, page-locked host memory, or device memory.
enum class MemoryKind { pageable, pinned, device };

/// Shared ownership of a block of bytes. Copies share the bytes; the last one frees them or returns
/// them to their pool. The host must not read device bytes.
struct Buffer {
  std::shared_ptr<std::byte> bytes = nullptr;
  std::size_t size = 0;
  MemoryKind kind = MemoryKind::pageable;

  std::byte* data() const { return bytes.get(); }
  bool empty() const { return bytes == nullptr; }
};

/// Allocates a buffer of a size in bytes. Throws Error(system) or Error(device) on failure.
using Allocator = std::function<Buffer(std::size_t)>;

/// Uninitialised pageable memory, aligned to 64 bytes. Throws Error(system) on failure.
Buffer allocate_pageable(std::size_t size);

}  // namespace pinfeed
