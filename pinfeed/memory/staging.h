// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "pinfeed/core/buffer.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// The usual size of a staging buffer: 4 MiB, less where two of them exceed pin_limit(), and 0
/// where not even two pages may be pinned.
std::size_t staging_chunk_bytes();

/// Copies pageable memory to the device in chunks, through two pinned buffers: one is filled while
/// the other is copied. One thread at a time.
class Staging {
 public:
  /// Allocates two buffers of `chunk_bytes` with `pinned`. Throws what the allocator throws.
  Staging(const Allocator& pinned, std::size_t chunk_bytes);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  /// Waits for the chunks in flight.
  ~Staging();

  /// Copies to device memory, in the order of `stream`. Returns when `from` has been read
  /// completely and may change. Throws Error(device).
  void copy(std::span<const std::byte> from, std::byte* to, const Stream& stream);

 private:
  struct Half {
    Buffer buffer = {};
    Event copied = {};  // reached when the buffer may be filled again
  };

  std::array<Half, 2> halves_;
  std::size_t next_half_ = 0;
};

}  // namespace pinfeed
