// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/allocators.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <limits>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

// KiB of a line of /proc/self/status: what the system says of this process.
std::size_t status_kib(const std::string& wanted) {
  std::ifstream status("/proc/self/status");
  for (std::string key; status >> key;) {
    std::size_t kib = 0;
    if (key == wanted + ":" && status >> kib) return kib;
  }
  return 0;
}

// Sanitizers and some sandboxes let mlock do nothing.
bool mlock_works() {
  const Buffer page = allocate_pageable(2 * page_bytes());
  const std::size_t before = status_kib("VmLck");
  ::mlock(page.data(), page_bytes());
  const bool locked = status_kib("VmLck") > before;
  ::munlock(page.data(), page_bytes());
  return locked;
}

TEST(AllocateHuge, GivesAlignedMemoryThatCanBeWritten) {
  const Buffer buffer = allocate_huge(5 * mib + 3);
  EXPECT_EQ(buffer.size, 5 * mib + 3);
  EXPECT_EQ(buffer.place, MemoryPlace::pageable);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % (2 * mib), 0U);
  std::memset(buffer.data(), 1, buffer.size);
}

TEST(AllocateHuge, NamesTheBytesItCannotGive) {
  const std::size_t all = std::numeric_limits<std::size_t>::max();
  try {
    allocate_huge(all);
    FAIL() << "gave " << all << " bytes";
  } catch (const Error& error) {
    EXPECT_EQ(
        error.message(),
        "error: could not allocate 18446744073709551615 bytes of memory: Cannot allocate memory\n");
    EXPECT_EQ(error.kind(), ErrorKind::system);
  }
}

TEST(AllocateLocked, LocksThePagesAndUnlocksThemAtTheEnd) {
  if (lockable_bytes() < 4 * mib) GTEST_SKIP() << "may lock only " << lockable_bytes() << " bytes";
  if (!mlock_works()) GTEST_SKIP() << "mlock does nothing here";
  const std::size_t before = status_kib("VmLck");
  {
    const Buffer buffer = allocate_locked(3 * mib);
    EXPECT_EQ(buffer.place, MemoryPlace::pinned);
    std::memset(buffer.data(), 1, buffer.size);
    EXPECT_EQ(status_kib("VmLck"), before + 3 * 1024);
  }
  EXPECT_EQ(status_kib("VmLck"), before);
}

// In a process of its own: limits and rights once given up do not come back.
void lock_without_rights(std::size_t limit, std::size_t size) {
  const ::rlimit small = {limit, limit};
  ::setrlimit(RLIMIT_MEMLOCK, &small);
  constexpr ::uid_t nobody = 65534;
  if (::geteuid() == 0 && ::setuid(nobody) != 0) std::_Exit(2);
  try {
    allocate_locked(size);
    std::_Exit(0);
  } catch (const Error& error) {
    std::fputs(error.what(), stderr);
    std::_Exit(lockable_bytes() == limit && pin_limit() == limit ? 1 : 3);
  }
}

TEST(AllocateLockedDeathTest, NamesTheLimitAndTheCommandThatRaisesIt) {
  if (!mlock_works()) GTEST_SKIP() << "mlock does nothing here";
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      lock_without_rights(65536, 3 * mib), testing::ExitedWithCode(1),
      "error: could not lock 3145728 bytes of memory: Cannot allocate memory\n"
      "help: RLIMIT_MEMLOCK is 65536 bytes; raise it with 'ulimit -l 3072' .KiB; as root, or "
      "'memlock' in /etc/security/limits.conf.\n");
}

TEST(PinLimit, IsAQuarterOfTheMemoryAtMost) {
  EXPECT_GT(ram_bytes(), 64 * mib);
  EXPECT_LE(pin_limit(), ram_bytes() / 4);
  EXPECT_LE(lockable_bytes(), ram_bytes());
}

TEST(SizeClass, WastesAQuarterAtMost) {
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

TEST(Pool, GivesTheSameBlockAgain) {
  const Pool pool = make_pool(allocate_pageable, mib);
  std::byte* first = pool.allocate(5000).data();
  const Buffer again = pool.allocate(5100);
  EXPECT_EQ(again.data(), first);
  EXPECT_EQ(again.size, 5100U);
  EXPECT_EQ(pool.stats().hits, 1);
  EXPECT_EQ(pool.stats().misses, 1);
  EXPECT_EQ(pool.stats().used_bytes, 5120U);
  EXPECT_EQ(pool.stats().kept_bytes, 0U);
}

TEST(Pool, NeverGivesABlockThatIsInUse) {
  const Pool pool = make_pool(allocate_pageable, mib);
  const Buffer one = pool.allocate(5000);
  const Buffer copy = one;
  EXPECT_NE(pool.allocate(5000).data(), copy.data());
}

TEST(Pool, KeepsAtMostWhatItMay) {
  const Pool pool = make_pool(allocate_pageable, 10'000);
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

TEST(Pool, TrimsWhatItKeepsWhenTheAllocatorHasNothingLeft) {
  std::size_t left = 8192;
  const Allocator tight = [&left](std::size_t size) {
    if (size > left) throw Error(ErrorKind::system, "nothing left");
    left -= size;
    const Buffer raw = allocate_pageable(size);
    return Buffer{{raw.data(), [raw, size, &left](std::byte*) { left += size; }}, size};
  };
  const Pool pool = make_pool(tight, mib);
  pool.allocate(4096);
  EXPECT_EQ(pool.allocate(8192).size, 8192U);
  EXPECT_THROW(pool.allocate(16384), Error);
  EXPECT_EQ(pool.stats().used_bytes, 0U);
}

TEST(Pool, MayDieBeforeItsBuffers) {
  Buffer buffer = make_pool(allocate_pageable, mib).allocate(100);
  std::memset(buffer.data(), 1, 100);
}

TEST(Pool, ServesManyThreads) {
  const Pool pool = make_pool(allocate_pageable, mib);
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
