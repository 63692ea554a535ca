// SPDX-License-Identifier: Apache-2.0
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
constexpr std::size_t huge_page = std::size_t{2} << 20U;
constexpr std::size_t largest = std::size_t{1} << 47U;  // beyond any address space
constexpr std::size_t classes = 4 * 36;                 // four to a doubling
constexpr std::size_t places = 32;

// A block of memory with the room for the reference count of the buffer that shows it, so that a
// hit needs no memory at all.
struct Block {
  Buffer buffer = {};
  alignas(std::max_align_t) std::array<std::byte, 160> count = {};
};

// What all copies of a pool, and all buffers it gave out, share. A block that is kept lies in one
// of the places of its size class; taking and leaving it is one atomic exchange.
struct PartGroup {
  PartGroup(Allocator from, const PoolLimits& most) : upstream(std::move(from)), limits(most) {}
  PartGroup(const PartGroup&) = delete;
  PartGroup& operator=(const PartGroup&) = delete;
  ~PartGroup() { trim(); }

  Block* take(std::size_t bytes);
  void give_back(Block* block);
  Block* fresh(std::size_t bytes);
  void trim();

  const Allocator upstream;
  const PoolLimits limits;
  std::array<std::array<std::atomic<Block*>, places>, classes> kept = {};
  std::atomic<std::size_t> used_bytes = 0;
  std::atomic<std::size_t> kept_bytes = 0;
  std::atomic<std::int64_t> hits = 0;
  std::atomic<std::int64_t> misses = 0;
};

// The row of a size that is a class of its own.
std::size_t row_of(std::size_t bytes) {
  if (bytes <= smallest) return 0;
  const auto doubling = static_cast<std::size_t>(std::bit_width(bytes - 1)) - 1;
  const std::size_t start = std::size_t{1} << doubling;
  const std::size_t quarter = (bytes - 1 - start) / (start / 4);
  return 1 + (doubling - static_cast<std::size_t>(std::bit_width(smallest) - 1)) * 4 + quarter;
}

Block* PartGroup::take(std::size_t bytes) {
  for (std::atomic<Block*>& kind : kept[row_of(bytes)]) {
    if (kind.load(std::memory_order_relaxed) == nullptr) continue;
    Block* block = kind.exchange(nullptr, std::memory_order_acquire);
    if (block == nullptr) continue;  // another thread was quicker
    kept_bytes -= bytes;
    ++hits;
    return block;
  }
  ++misses;
  return nullptr;
}

void PartGroup::give_back(Block* block) {
  const std::size_t bytes = block->buffer.size;
  used_bytes -= bytes;
  if ((kept_bytes += bytes) <= limits.keep_bytes) {
    for (std::atomic<Block*>& kind : kept[row_of(bytes)]) {
      Block* empty = nullptr;
      if (kind.load(std::memory_order_relaxed) == nullptr &&
          kind.compare_exchange_strong(empty, block, std::memory_order_release)) {
        return;
      }
    }
  }
  kept_bytes -= bytes;
  delete block;
}

Block* PartGroup::fresh(std::size_t bytes) {
  auto block = std::make_unique<Block>();
  try {
    block->buffer = upstream(bytes);
    return block.release();
  } catch (const Error&) {
    trim();  // what is kept in other sizes may be what is missing
  }
  block->buffer = upstream(bytes);
  return block.release();
}

void PartGroup::trim() {
  for (auto& row : kept) {
    for (std::atomic<Block*>& kind : row) {
      Block* block = kind.exchange(nullptr, std::memory_order_acquire);
      if (block == nullptr) continue;
      kept_bytes -= block->buffer.size;
      delete block;
    }
  }
}

// Puts the reference count of a buffer into its block, and gives the block back when the count
// itself is gone: nobody looks at either after that. Keeps the shelf alive.
template <class T>
struct CountInBlock {
  using value_type = T;
  CountInBlock(std::shared_ptr<PartGroup> owner, Block* its)
      : shelf(std::move(owner)), block(its) {}
  template <class U>
  CountInBlock(const CountInBlock<U>& other)  // NOLINT: allocators convert
      : shelf(other.shelf), block(other.block) {}
  T* allocate(std::size_t n) {
    static_assert(sizeof(T) <= sizeof(Block::count) && alignof(T) <= alignof(std::max_align_t));
    assert(n == 1);
    (void)n;
    return reinterpret_cast<T*>(block->count.data());
  }
  void deallocate(T*, std::size_t) { shelf->give_back(block); }
  template <class U>
  bool operator==(const CountInBlock<U>& other) const {
    return block == other.block;
  }

  std::shared_ptr<PartGroup> shelf;
  Block* block;
};

Buffer lend(const std::shared_ptr<PartGroup>& shelf, std::size_t size) {
  if (size > largest) return shelf->upstream(size);  // which says that there is none
  const std::size_t bytes = size_class(size);
  Block* block = shelf->take(bytes);
  if (block == nullptr) block = shelf->fresh(bytes);
  shelf->used_bytes += bytes;
  const auto keep = [](std::byte*) {};  // the bytes belong to the block
  return {
      std::shared_ptr<std::byte>(block->buffer.data(), keep, CountInBlock<std::byte>(shelf, block)),
      size, block->buffer.kind};
}

}  // namespace

std::size_t size_class(std::size_t size) {
  if (size <= smallest) return smallest;
  const std::size_t step = std::max(std::bit_floor(size - 1) / 4, std::size_t{1});
  const std::size_t unit = size > huge_page ? std::max(step, huge_page) : step;
  return (size + unit - 1) / unit * unit;
}

Pool pooled(Allocator upstream, const PoolLimits& limits) {
  auto shelf = std::make_shared<PartGroup>(std::move(upstream), limits);
  return {.allocate = [shelf](std::size_t size) { return lend(shelf, size); },
          .stats =
              [shelf] {
                return PoolStats{.used_bytes = shelf->used_bytes,
                                 .kept_bytes = shelf->kept_bytes,
                                 .hits = shelf->hits,
                                 .misses = shelf->misses};
              },
          .trim = [shelf] { shelf->trim(); }};
}

}  // namespace pinfeed
