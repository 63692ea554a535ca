// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/device.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string>

#include "pinfeed/core/error.h"
#include "tests/limits.h"
#include "tests/memory/locked_memory.h"

namespace pinfeed {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

TEST(AllocateHuge, ReturnsAlignedWritableMemory) {
  const Buffer buffer = allocate_huge(5 * mib + 3);
  EXPECT_EQ(buffer.size, 5 * mib + 3);
  EXPECT_EQ(buffer.kind, MemoryKind::pageable);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % (2 * mib), 0U);
  std::memset(buffer.data(), 1, buffer.size);
}

TEST(AllocateHuge, NamesTheBytesItCannotAllocate) {
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
  const std::size_t before = test::status_bytes("VmLck");
  {
    const Buffer buffer = allocate_locked(3 * mib);
    EXPECT_EQ(buffer.kind, MemoryKind::pinned);
    std::memset(buffer.data(), 1, buffer.size);
    EXPECT_EQ(test::status_bytes("VmLck"), before + 3 * mib);
  }
  EXPECT_EQ(test::status_bytes("VmLck"), before);
}

// Runs in a process of its own, because a lowered limit cannot be raised again.
void lock_without_rights(std::size_t limit, std::size_t size, std::size_t chunk) {
  test::lower_for_good(RLIMIT_MEMLOCK, limit);
  try {
    allocate_locked(size, chunk);
    std::_Exit(0);
  } catch (const Error& error) {
    std::fputs(error.what(), stderr);
    const bool known = lockable_bytes() == limit && (backend() != "host" || pin_limit() == limit);
    std::_Exit(known && test::status_bytes("VmLck") == 0 ? 1 : 3);
  }
}

TEST(AllocateLockedDeathTest, NamesTheLimitAndTheCommandThatRaisesIt) {
  if (!mlock_works()) GTEST_SKIP() << "mlock does nothing here";
  if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      lock_without_rights(65536, 3 * mib, driver_chunk_bytes), testing::ExitedWithCode(1),
      "error: could not lock 3145728 bytes of memory: Cannot allocate memory\n"
      "help: RLIMIT_MEMLOCK is 65536 bytes; raise it with 'ulimit -l 3072' .KiB; as root, or "
      "'memlock' in /etc/security/limits.conf.\n");
}

TEST(AllocateLockedDeathTest, UnlocksEverythingWhenALaterChunkIsRefused) {
  if (!mlock_works()) GTEST_SKIP() << "mlock does nothing here";
  if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(lock_without_rights(65536, 3 * mib, 16384), testing::ExitedWithCode(1),
              "error: could not lock 3145728 bytes of memory, only the first 65536: Cannot "
              "allocate memory\n");
}

// The advice of a process that has locked 40 KiB of 64 KiB and wants 32 KiB more.
void lock_twice() {
  test::lower_for_good(RLIMIT_MEMLOCK, 65536);
  const Buffer first = allocate_locked(40960);
  if (lockable_bytes() != 65536 - 40960) std::_Exit(3);
  try {
    allocate_locked(32768);
    std::_Exit(0);
  } catch (const Error& error) {
    std::fputs(error.what(), stderr);
    std::_Exit(1);
  }
}

TEST(AllocateLockedDeathTest, AdvisesALimitThatIsEnoughForWhatIsLockedAlready) {
  if (!mlock_works()) GTEST_SKIP() << "mlock does nothing here";
  if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(lock_twice(), testing::ExitedWithCode(1), "raise it with 'ulimit -l 72' .KiB");
}

// In a user namespace a process has all capabilities, but not for this limit.
void lock_in_a_user_namespace() {
  const ::rlimit small = {65536, 65536};
  ::setrlimit(RLIMIT_MEMLOCK, &small);
  if (::unshare(CLONE_NEWUSER) != 0) std::_Exit(77);
  std::_Exit(lockable_bytes() == 65536 && lock_limit_for(1 << 20) == 1 << 20 ? 1 : 3);
}

TEST(LockableBytesDeathTest, AreLimitedInAUserNamespace) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(
      lock_in_a_user_namespace(),
      [](int status) {
        return WIFEXITED(status) &&
               (WEXITSTATUS(status) == 1 || WEXITSTATUS(status) == 77);  // 77: forbidden
      },
      "");
}

TEST(PinLimit, IsAtMostAQuarterOfTheMemory) {
  EXPECT_GT(ram_bytes(), 64 * mib);
  EXPECT_LE(pin_limit(), ram_bytes() / 4);
  EXPECT_LE(lockable_bytes(), ram_bytes());
}

}  // namespace
}  // namespace pinfeed
