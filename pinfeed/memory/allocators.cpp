// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/allocators.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "pinfeed/core/cache_line.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/round_up.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {
namespace {

constexpr std::size_t alignment = cache_line_bytes;

// The same bytes; `freed` is called once they are given back.
template <class Freed>
Buffer followed(Buffer buffer, Freed freed) {
  std::byte* start = buffer.data();
  const std::size_t size = buffer.size;
  const MemoryKind kind = buffer.kind;
  auto give_back = [kept = std::move(buffer.bytes), freed = std::move(freed)](std::byte*) mutable {
    kept.reset();
    freed();
  };
  return {std::shared_ptr<std::byte>(start, std::move(give_back)), size, kind};
}

struct Counts {
  std::atomic<std::int64_t> allocations = 0;
  std::atomic<std::int64_t> frees = 0;
  std::atomic<std::size_t> bytes = 0;
  std::atomic<std::size_t> peak_bytes = 0;

  void add(std::size_t size) {
    ++allocations;
    const std::size_t now = bytes += size;
    std::size_t peak = peak_bytes;
    while (peak < now && !peak_bytes.compare_exchange_weak(peak, now)) continue;
  }
  void take_off(std::size_t size) {
    ++frees;
    bytes -= size;
  }
};

// The block that is being cut, shared by the copies of an arena.
struct Cutting {
  Buffer block = {};
  std::size_t used = 0;
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

Allocator arena(Allocator upstream, std::size_t block_bytes) {
  auto cutting = std::make_shared<Cutting>();
  return [upstream = std::move(upstream), block_bytes, cutting](std::size_t size) {
    const std::size_t bytes = rounded_up(size, alignment);
    if (bytes > block_bytes || bytes < size) return upstream(size);
    if (cutting->block.empty() || cutting->block.size - cutting->used < bytes) {
      cutting->block = upstream(block_bytes);
      cutting->used = 0;
    }
    const Buffer& block = cutting->block;
    std::byte* start = block.data() + std::exchange(cutting->used, cutting->used + bytes);
    return Buffer{std::shared_ptr<std::byte>(block.bytes, start), size, block.kind};
  };
}

Allocator carved(Allocator upstream, int count, std::size_t bytes) {
  const std::size_t piece = rounded_up(bytes, alignment);
  auto cutting = std::make_shared<Cutting>();
  auto left = std::make_shared<int>(count);
  return [upstream = std::move(upstream), count, piece, cutting, left](std::size_t size) {
    if (size == 0 || size > piece || *left == 0) return upstream(size);
    if (cutting->block.empty()) {
      cutting->block = upstream(piece * static_cast<std::size_t>(count));
    }
    const Buffer block = cutting->block;
    std::byte* start = block.data() + std::exchange(cutting->used, cutting->used + piece);
    if (--*left == 0) cutting->block = {};
    return Buffer{std::shared_ptr<std::byte>(block.bytes, start), size, block.kind};
  };
}

Counted counted(Allocator upstream) {
  auto counts = std::make_shared<Counts>();
  return {.allocate =
              [upstream = std::move(upstream), counts](std::size_t size) {
                Buffer buffer = upstream(size);
                counts->add(size);
                return followed(std::move(buffer), [counts, size] { counts->take_off(size); });
              },
          .stats =
              [counts] {
                return AllocationStats{.allocations = counts->allocations,
                                       .frees = counts->frees,
                                       .bytes = counts->bytes,
                                       .peak_bytes = counts->peak_bytes};
              }};
}

Allocator limited(Allocator upstream, std::size_t budget_bytes) {
  auto used = std::make_shared<std::atomic<std::size_t>>(0);
  return [upstream = std::move(upstream), budget_bytes, used](std::size_t size) {
    for (std::size_t before = *used;;) {
      if (size > budget_bytes || before > budget_bytes - size) {
        throw Error(
            ErrorKind::system,
            fmt::format("could not allocate {} bytes: {} of the {} bytes allowed are in use", size,
                        before, budget_bytes));
      }
      if (used->compare_exchange_weak(before, before + size)) break;
    }
    try {
      return followed(upstream(size), [used, size] { *used -= size; });
    } catch (...) {
      *used -= size;
      throw;
    }
  };
}

Allocator failing(Allocator upstream, std::int64_t good) {
  auto left = std::make_shared<std::atomic<std::int64_t>>(good);
  return [upstream = std::move(upstream), left](std::size_t size) {
    if ((*left)-- > 0) return upstream(size);
    throw Error(ErrorKind::system, fmt::format("could not allocate {} bytes: made to fail", size));
  };
}

}  // namespace pinfeed
