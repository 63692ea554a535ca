// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory_resource>
#include <utility>
#include <vector>

#include "pinfeed/core/recent_peak.h"

namespace pinfeed {

/// A memory resource that allocates piece by piece and frees everything at once. reset() keeps the
/// blocks, so an arena that is reused for work of similar size calls no allocator. Its capacity
/// stays below about twice what recent uses needed, so one large use does not keep its memory. Not
/// thread-safe. Destructors of objects in it are not called: use it for trivially destructible
/// types, and for pmr containers that are destroyed before it.
class Arena : public std::pmr::memory_resource {
 public:
  explicit Arena(std::size_t block_bytes = std::size_t{64} * 1024) : block_bytes_(block_bytes) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena() override;

  /// Frees all allocations. The blocks are kept for the next use, unless they are more than twice
  /// as large as any use since the last 64 to 128 calls.
  void reset();
  /// Bytes of all blocks.
  std::size_t capacity() const;

  /// A new object, which is valid until reset().
  template <class T, class... Args>
  T* make(Args&&... args) {
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

 private:
  struct Block {
    std::byte* bytes;
    std::size_t size;
    bool used;  // since the last reset()
  };
  void add_block(std::size_t size);
  void free_unused_blocks();
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::size_t block_bytes_;
  std::vector<Block> blocks_;
  std::size_t block_ = 0;      // the block in use
  std::size_t used_ = 0;       // bytes used of it
  std::size_t allocated_ = 0;  // bytes since the last reset()
  RecentPeak recent_;          // of `allocated_`
};

}  // namespace pinfeed
