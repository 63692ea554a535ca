// SPDX-License-Identifier: Apache-2.0
// Allocators for tests: they count, limit or refuse what goes through them.
#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "pinfeed/core/buffer.h"
#include "pinfeed/core/error.h"

namespace pinfeed {

struct AllocationStats {
  std::int64_t allocations = 0;
  std::int64_t frees = 0;
  std::size_t bytes = 0;       // in use now
  std::size_t peak_bytes = 0;  // the most that was in use at once
};

/// An allocator and what went through it.
struct Counted {
  Allocator allocate = {};
  std::function<AllocationStats()> stats = {};
};

// The same bytes; `on_free` is called once they are freed.
template <class OnFree>
Buffer with_callback(Buffer buffer, OnFree on_free) {
  std::byte* start = buffer.data();
  const std::size_t size = buffer.size;
  const MemoryKind kind = buffer.kind;
  auto free = [kept = std::move(buffer.bytes), on_free = std::move(on_free)](std::byte*) mutable {
    kept.reset();
    on_free();
  };
  return {std::shared_ptr<std::byte>(start, std::move(free)), size, kind};
}

struct AtomicStats {
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
  void remove(std::size_t size) {
    ++frees;
    bytes -= size;
  }
};

/// Counts what goes to `upstream`. Any thread.
inline Counted counted(Allocator upstream) {
  auto counts = std::make_shared<AtomicStats>();
  return {.allocate =
              [upstream = std::move(upstream), counts](std::size_t size) {
                Buffer buffer = upstream(size);
                counts->add(size);
                return with_callback(std::move(buffer), [counts, size] { counts->remove(size); });
              },
          .stats =
              [counts] {
                return AllocationStats{.allocations = counts->allocations,
                                       .frees = counts->frees,
                                       .bytes = counts->bytes,
                                       .peak_bytes = counts->peak_bytes};
              }};
}

/// Throws Error(system) when more than `budget_bytes` would be in use at once. Any thread.
inline Allocator limited(Allocator upstream, std::size_t budget_bytes) {
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
      return with_callback(upstream(size), [used, size] { *used -= size; });
    } catch (...) {
      *used -= size;
      throw;
    }
  };
}

/// Serves the first `count` requests; later ones throw Error(system). Any thread.
inline Allocator failing_after(Allocator upstream, std::int64_t count) {
  auto remaining = std::make_shared<std::atomic<std::int64_t>>(count);
  return [upstream = std::move(upstream), remaining](std::size_t size) {
    if ((*remaining)-- > 0) return upstream(size);
    throw Error(ErrorKind::system, fmt::format("could not allocate {} bytes: made to fail", size));
  };
}

}  // namespace pinfeed
