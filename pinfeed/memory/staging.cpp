// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/staging.h"

#include <algorithm>
#include <cstring>

#include "pinfeed/memory/finish_work.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {

std::size_t staging_chunk_bytes() {
  constexpr std::size_t usual = std::size_t{4} << 20U;
  return std::min(usual, pin_limit() / 2 / page_bytes() * page_bytes());
}

Staging::Staging(const Allocator& pinned, std::size_t chunk_bytes) {
  for (Half& half : halves_) half.buffer = pinned(chunk_bytes);
}

Staging::~Staging() {
  for (const Half& half : halves_) finish(half.copied);
}

void Staging::copy(std::span<const std::byte> from, std::byte* to, const Stream& stream) {
  while (!from.empty()) {
    Half& half = halves_[next_half_++ % halves_.size()];
    const std::size_t bytes = std::min(from.size(), half.buffer.size);
    synchronize(half.copied);
    std::memcpy(half.buffer.data(), from.data(), bytes);
    try {
      copy_async({half.buffer.data(), bytes}, to, stream);
      record(half.copied, stream);
    } catch (...) {
      finish(stream);  // without the event nobody could wait for the copy
      throw;
    }
    from = from.subspan(bytes);
    to += bytes;
  }
}

}  // namespace pinfeed
