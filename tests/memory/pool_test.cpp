// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/allocators.h"

namespace pinfeed {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

TEST(SizeClass, WastesAtMostAQuarter) {
  EXPECT_EQ(size_class(0), 4096U);
  EXPECT_EQ(size_class(4096), 4096U);
  EXPECT_EQ(size_class(4097), 5120U);
  EXPECT_EQ(size_class(8 * mib), 8 * mib);
  EXPECT_EQ(size_class(8 * mib + 1), 10 * mib);
  for (std::size_t size = 4096; size < 100'000; size += 7) {
    ASSERT_GE(size_class(size), size);
    ASSERT_LE(size_class(size), size + size / 4);
    ASSERT_EQ(size_class(size_class(size)), size_class(size));
  }
}

TEST(Pool, ReusesABlock) {
  const Pool pool = pooled(allocate_pageable, {.keep_bytes = mib});
  std::byte* first = pool.allocate(5000).data();
  const Buffer again = pool.allocate(5100);
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(again.size, 5100U);
  EXPECT_EQ(pool.stats().hits, 1);
  EXPECT_EQ(pool.stats().misses, 1);
  EXPECT_EQ(pool.stats().used_bytes, 5120U);
  EXPECT_EQ(pool.stats().kept_bytes, 0U);
}

TEST(Pool, NeverReusesABlockThatIsInUse) {
  const Pool pool = pooled(allocate_pageable, {.keep_bytes = mib});
  const Buffer one = pool.allocate(5000);
  const Buffer copy = one;
  EXPECT_NE(pool.allocate(5000).data(), copy.data());
}

TEST(Pool, KeepsUnusedMemoryWithinItsLimit) {
  const Pool pool = pooled(allocate_pageable, {.keep_bytes = 10'000});
  {
    const Buffer one = pool.allocate(8000);
    const Buffer other = pool.allocate(8000);
    EXPECT_EQ(pool.stats().used_bytes, 16384U);
  }
  EXPECT_EQ(pool.stats().used_bytes, 0U);
  EXPECT_EQ(pool.stats().kept_bytes, 8192U);
  pool.trim();
  EXPECT_EQ(pool.stats().kept_bytes, 0U);
}

TEST(Pool, FreesUnusedMemoryWhenTheAllocatorFails) {
  std::size_t available = 8192;
  const Allocator tight = [&available](std::size_t size) {
    if (size > available) throw Error(ErrorKind::system, "out of memory");
    available -= size;
    const Buffer raw = allocate_pageable(size);
    return Buffer{{raw.data(), [raw, size, &available](std::byte*) { available += size; }}, size};
  };
  const Pool pool = pooled(tight, {.keep_bytes = mib});
  pool.allocate(4096);
  EXPECT_EQ(pool.allocate(8192).size, 8192U);
  EXPECT_THROW(pool.allocate(16384), Error);
  EXPECT_EQ(pool.stats().used_bytes, 0U);
}

TEST(Pool, MayBeDestroyedBeforeItsBuffers) {
  Buffer buffer = pooled(allocate_pageable, {.keep_bytes = mib}).allocate(100);
  std::memset(buffer.data(), 1, 100);
}

TEST(Pool, ServesManyThreads) {
  const Pool pool = pooled(allocate_pageable, {.keep_bytes = mib});
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&pool, id] {
      for (std::size_t i = 1; i < 300; ++i) {
        const Buffer buffer = pool.allocate(i * 50);
        std::memset(buffer.data(), id, buffer.size);
        ASSERT_EQ(std::to_integer<int>(buffer.data()[buffer.size - 1]), id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(pool.stats().used_bytes, 0U);
  EXPECT_EQ(pool.stats().hits + pool.stats().misses, 4 * 299);
}

}  // namespace
}  // namespace pinfeed
