// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "pinfeed/core/buffer.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {

/// The way of pageable memory to the device: in chunks through two pinned buffers, one of which is
/// filled while the other one travels. One thread at a time.
class Staging {
 public:
  /// Two buffers of `chunk_bytes` from `pinned`. Throws what it throws.
  Staging(const Allocator& pinned, std::size_t chunk_bytes);
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  /// Waits for the chunks that travel.
  ~Staging();

  /// Copies to device memory, in the order of `stream`. Returns when the last chunk has been read:
  /// `from` may change then. Throws Error(device).
  void copy(std::span<const std::byte> from, std::byte* to, const Stream& stream);

 private:
  struct Half {
    Buffer buffer = {};
    Event sent = {};  // reached when the buffer may be filled again
  };

  std::array<Half, 2> halves_;
  std::size_t turn_ = 0;
};

}  // namespace pinfeed
