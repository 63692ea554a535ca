// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/allocators.h"

#include <memory>
#include <utility>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {
namespace {

// The block that carved() divides, shared by the copies of the allocator.
struct CarvedBlock {
  Buffer block = {};
  std::size_t used = 0;
  int remaining = 0;  // requests that the block still serves
};

}  // namespace

Allocator pageable() { return allocate_huge; }

Allocator pinned() { return allocate_pinned; }

Allocator device() {
  return [](std::size_t size) { return allocate_device(size); };
}

Allocator device(Stream stream) {
  return [stream = std::move(stream)](std::size_t size) { return allocate_device(size, stream); };
}

Allocator retried(Allocator upstream, std::function<void()> free_memory) {
  return [upstream = std::move(upstream), free_memory = std::move(free_memory)](std::size_t size) {
    try {
      return upstream(size);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::device) throw;
    }
    free_memory();
    return upstream(size);
  };
}

Allocator carved(Allocator upstream, int count, std::size_t bytes) {
  const std::size_t piece = rounded_up(bytes, cache_line_bytes);
  auto state = std::make_shared<CarvedBlock>(CarvedBlock{.remaining = count});
  return [upstream = std::move(upstream), count, piece, state](std::size_t size) {
    if (size == 0 || size > piece || state->remaining == 0) return upstream(size);
    if (state->block.empty()) state->block = upstream(piece * static_cast<std::size_t>(count));
    const Buffer block = state->block;
    std::byte* start = block.data() + std::exchange(state->used, state->used + piece);
    if (--state->remaining == 0) state->block = {};
    return Buffer{std::shared_ptr<std::byte>(block.bytes, start), size, block.kind};
  };
}

}  // namespace pinfeed
