// SPDX-License-Identifier: Apache-2.0
// A pool of memory blocks without a lock.
//
// Sizes are rounded up to size classes, four to a doubling, so that a block fits later requests of
// a similar size and at most a quarter of it is unused. Each class has 32 entries, each an atomic
// pointer. Taking a block is one exchange with null and recycling it is one compare-exchange with
// null, so a block belongs either to one entry or to one thread and there is no ABA problem: no
// entry links to another.
//
// A hit allocates nothing: the reference count of the returned Buffer is constructed inside the
// block itself (CountInBlock). std::shared_ptr frees its count last, when nothing refers to the
// bytes any more; that is the moment when the block is recycled.
#include "pinfeed/memory/pool.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cassert>
#include <utility>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr std::size_t smallest = 4096;
constexpr std::size_t large_unit = std::size_t{2} << 20U;  // a huge page
constexpr std::size_t largest = std::size_t{1} << 47U;     // beyond any address space
constexpr std::size_t classes = 4 * 36;                    // four to a doubling
constexpr std::size_t blocks_per_class = 32;

// A block of memory, and space for the reference count of the Buffer that refers to it.
struct Block {
  Buffer buffer = {};
  alignas(std::max_align_t) std::array<std::byte, 160> count = {};
};

// What all copies of a pool and all its buffers share.
struct PoolState {
  PoolState(Allocator from, const PoolLimits& most) : upstream(std::move(from)), limits(most) {}
  PoolState(const PoolState&) = delete;
  PoolState& operator=(const PoolState&) = delete;
  ~PoolState() { trim(); }

  Block* find_cached(std::size_t bytes);
  void recycle(Block* block);
  Block* allocate_block(std::size_t bytes);
  void trim();

  const Allocator upstream;
  const PoolLimits limits;
  std::array<std::array<std::atomic<Block*>, blocks_per_class>, classes> cached = {};
  std::atomic<std::size_t> used_bytes = 0;
  std::atomic<std::size_t> kept_bytes = 0;
  std::atomic<std::int64_t> hits = 0;
  std::atomic<std::int64_t> misses = 0;
};

// The index of the class whose size is `bytes`.
std::size_t class_index(std::size_t bytes) {
  if (bytes <= smallest) return 0;
  const auto doubling = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;
  const std::size_t start = std::size_t{1} << doubling;
  const std::size_t quarter = (bytes - 1 - start) / (start / 4);
  return 1 + (doubling - static_cast<std::size_t>(std::bit_width(smallest) - 1)) * 4 + quarter;
}

Block* PoolState::find_cached(std::size_t bytes) {
  for (std::atomic<Block*>& entry : cached[class_index(bytes)]) {
    if (entry.load(std::memory_order_relaxed) == nullptr) continue;
    Block* block = entry.exchange(nullptr, std::memory_order_acquire);
    if (block == nullptr) continue;  // another thread took it
    kept_bytes -= bytes;
    ++hits;
    return block;
  }
  ++misses;
  return nullptr;
}

void PoolState::recycle(Block* block) {
  const std::size_t bytes = block->buffer.size;
  used_bytes -= bytes;
  if ((kept_bytes += bytes) <= limits.keep_bytes) {
    for (std::atomic<Block*>& entry : cached[class_index(bytes)]) {
      Block* empty = nullptr;
      if (entry.load(std::memory_order_relaxed) == nullptr &&
          entry.compare_exchange_strong(empty, block, std::memory_order_release)) {
        return;
      }
    }
  }
  kept_bytes -= bytes;
  delete block;
}

Block* PoolState::allocate_block(std::size_t bytes) {
  auto block = std::make_unique<Block>();
  try {
    block->buffer = upstream(bytes);
    return block.release();
  } catch (const Error&) {
    trim();  // cached blocks of other sizes may free enough memory
  }
  block->buffer = upstream(bytes);
  return block.release();
}

void PoolState::trim() {
  for (auto& size_class_entries : cached) {
    for (std::atomic<Block*>& entry : size_class_entries) {
      Block* block = entry.exchange(nullptr, std::memory_order_acquire);
      if (block == nullptr) continue;
      kept_bytes -= block->buffer.size;
      delete block;
    }
  }
}

// The allocator of a buffer's reference count: allocates inside the block and recycles the block
// when the count is freed. Keeps the pool alive.
template <class T>
struct CountInBlock {
  using value_type = T;
  CountInBlock(std::shared_ptr<PoolState> owner, Block* counted)
      : pool(std::move(owner)), block(counted) {}
  template <class U>
  CountInBlock(const CountInBlock<U>& other)  // NOLINT: allocators convert
      : pool(other.pool), block(other.block) {}
  T* allocate(std::size_t n) {
    static_assert(sizeof(T) <= sizeof(Block::count) && alignof(T) <= alignof(std::max_align_t));
    assert(n == 1);
    (void)n;
    return reinterpret_cast<T*>(block->count.data());
  }
  void deallocate(T*, std::size_t) { pool->recycle(block); }
  template <class U>
  bool operator==(const CountInBlock<U>& other) const {
    return block == other.block;
  }

  std::shared_ptr<PoolState> pool;
  Block* block;
};

Buffer allocate_from(const std::shared_ptr<PoolState>& pool, std::size_t size) {
  if (size > largest) return pool->upstream(size);  // throws: there is no such memory
  const std::size_t bytes = size_class(size);
  Block* block = pool->find_cached(bytes);
  if (block == nullptr) block = pool->allocate_block(bytes);
  pool->used_bytes += bytes;
  const auto no_delete = [](std::byte*) {};  // the block owns the bytes
  return {std::shared_ptr<std::byte>(block->buffer.data(), no_delete,
                                     CountInBlock<std::byte>(pool, block)),
          size, block->buffer.kind};
}

}  // namespace

std::size_t size_class(std::size_t size) {
  if (size <= smallest) return smallest;
  const std::size_t step = std::max(std::bit_floor(size - 1) / 4, std::size_t{1});
  const std::size_t unit = size > large_unit ? std::max(step, large_unit) : step;
  return (size + unit - 1) / unit * unit;
}

Pool pooled(Allocator upstream, const PoolLimits& limits) {
  auto pool = std::make_shared<PoolState>(std::move(upstream), limits);
  return {.allocate = [pool](std::size_t size) { return allocate_from(pool, size); },
          .stats =
              [pool] {
                return PoolStats{.used_bytes = pool->used_bytes,
                                 .kept_bytes = pool->kept_bytes,
                                 .hits = pool->hits,
                                 .misses = pool->misses};
              },
          .trim = [pool] { pool->trim(); }};
}

}  // namespace pinfeed
