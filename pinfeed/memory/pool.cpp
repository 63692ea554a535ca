// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <map>
#include <memory_resource>
#include <mutex>
#include <optional>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/allocators.h"

namespace pinfeed {
namespace {

// What all copies of a pool, and all buffers it gave out, share.
struct Shelf {
  Shelf(Allocator from, std::size_t keep) : allocator(std::move(from)), keep_bytes(keep) {}

  const Allocator allocator;
  const std::size_t keep_bytes;
  std::mutex mutex;
  std::map<std::size_t, std::vector<Buffer>> kept;  // by size class, newest last
  PoolStats stats;
  std::pmr::synchronized_pool_resource counts;  // recycles the reference counts of buffers
};

// Puts the reference count of a pooled buffer into recycled memory. It keeps the shelf alive.
template <class T>
struct CountMemory {
  using value_type = T;
  explicit CountMemory(std::shared_ptr<Shelf> owner) : shelf(std::move(owner)) {}
  template <class U>
  CountMemory(const CountMemory<U>& other) : shelf(other.shelf) {}  // NOLINT: allocators convert
  T* allocate(std::size_t n) {
    return static_cast<T*>(shelf->counts.allocate(n * sizeof(T), alignof(T)));
  }
  void deallocate(T* at, std::size_t n) { shelf->counts.deallocate(at, n * sizeof(T), alignof(T)); }
  template <class U>
  bool operator==(const CountMemory<U>& other) const {
    return shelf == other.shelf;
  }

  std::shared_ptr<Shelf> shelf;
};

std::optional<Buffer> take_kept(Shelf& shelf, std::size_t bytes) {
  const std::lock_guard lock(shelf.mutex);
  const auto found = shelf.kept.find(bytes);
  const bool hit = found != shelf.kept.end() && !found->second.empty();
  (hit ? shelf.stats.hits : shelf.stats.misses)++;
  shelf.stats.used_bytes += bytes;
  if (!hit) return std::nullopt;
  Buffer buffer = std::move(found->second.back());
  found->second.pop_back();
  shelf.stats.kept_bytes -= bytes;
  return buffer;
}

void trim(Shelf& shelf) {
  std::map<std::size_t, std::vector<Buffer>> old;  // freed after the lock: freeing may be slow
  const std::lock_guard lock(shelf.mutex);
  old.swap(shelf.kept);
  shelf.stats.kept_bytes = 0;
}

Buffer fresh(Shelf& shelf, std::size_t bytes) {
  try {
    return shelf.allocator(bytes);
  } catch (const Error&) {
    trim(shelf);  // what is kept in other sizes may be what is missing
  }
  try {
    return shelf.allocator(bytes);
  } catch (const Error&) {
    const std::lock_guard lock(shelf.mutex);
    shelf.stats.used_bytes -= bytes;
    throw;
  }
}

void give_back(Shelf& shelf, Buffer block) {
  const std::lock_guard lock(shelf.mutex);
  const std::size_t bytes = block.size;
  shelf.stats.used_bytes -= bytes;
  if (shelf.stats.kept_bytes + bytes > shelf.keep_bytes) return;
  shelf.kept[bytes].push_back(std::move(block));
  shelf.stats.kept_bytes += bytes;
}

Buffer lend(const std::shared_ptr<Shelf>& shelf, std::size_t size) {
  const std::size_t bytes = size_class(size);
  std::optional<Buffer> kept = take_kept(*shelf, bytes);
  Buffer block = kept ? std::move(*kept) : fresh(*shelf, bytes);
  std::byte* start = block.data();
  const MemoryPlace place = block.place;
  auto back = [shelf, block = std::move(block)](std::byte*) mutable {
    give_back(*shelf, std::move(block));
  };
  return {std::shared_ptr<std::byte>(start, std::move(back), CountMemory<std::byte>(shelf)), size,
          place};
}

}  // namespace

std::size_t size_class(std::size_t size) {
  constexpr std::size_t smallest = 4096;
  if (size <= smallest) return smallest;
  const std::size_t step = std::bit_floor(size - 1) / 4;  // four classes to a doubling
  return (size + step - 1) / step * step;
}

Pool make_pool(Allocator allocator, std::size_t keep_bytes) {
  auto shelf = std::make_shared<Shelf>(std::move(allocator), keep_bytes);
  return {.allocate = [shelf](std::size_t size) { return lend(shelf, size); },
          .stats =
              [shelf] {
                const std::lock_guard lock(shelf->mutex);
                return shelf->stats;
              },
          .trim = [shelf] { trim(*shelf); }};
}

}  // namespace pinfeed
