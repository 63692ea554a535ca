// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/slot_memory.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"
#include "tests/limits.h"
#include "tests/memory/locked_memory.h"

namespace pinfeed {
namespace {

constexpr std::size_t small = std::size_t{64} << 10U;

MemoryKind kind_of(const SlotMemory& memory) { return memory.allocate(small).kind; }

TEST(SlotMemory, IsPageableOnTheCpu) {
  const SlotMemory memory = slot_memory(small, Pinning::prefer, false);
  EXPECT_EQ(kind_of(memory), MemoryKind::pageable);
  EXPECT_FALSE(memory.pinned);
  EXPECT_EQ(memory.warning, "");
}

TEST(SlotMemory, IsPinnedForADeviceOrWhereItIsRequired) {
  if (lockable_bytes() < 2 * small) GTEST_SKIP() << "no memory may be locked";
  for (const SlotMemory& memory :
       {slot_memory(small, Pinning::prefer, true), slot_memory(small, Pinning::require, false)}) {
    EXPECT_EQ(kind_of(memory), MemoryKind::pinned);
    EXPECT_TRUE(memory.pinned);
    EXPECT_EQ(memory.warning, "");
  }
}

// Runs in a process of its own, because a lowered limit cannot be raised again. Requests more bytes
// than may be locked, writes the warning or error of slot_memory() and exits with 1.
void pin_without_rights(Pinning pinning) {
  test::lower_for_good(RLIMIT_MEMLOCK, 65536);
  try {
    const SlotMemory memory = slot_memory(1'000'000, pinning, true);
    std::fputs(memory.warning.c_str(), stderr);
    std::_Exit(!memory.pinned && kind_of(memory) == MemoryKind::pageable ? 1 : 3);
  } catch (const Error& error) {
    std::fputs(error.what(), stderr);
    std::_Exit(1);
  }
}

class SlotMemoryDeathTest : public testing::Test {
 protected:
  void SetUp() override {
    if (backend() != "host") GTEST_SKIP() << "the driver locks, without a limit";
    if (!test::can_be_ordinary_user()) GTEST_SKIP() << "cannot be anybody but root";
    testing::GTEST_FLAG(death_test_style) = "threadsafe";
  }
};

TEST_F(SlotMemoryDeathTest, BeyondTheLimitItIsPageableAndTheWarningNamesTheLimit) {
  EXPECT_EXIT(pin_without_rights(Pinning::prefer), testing::ExitedWithCode(1),
              "^the loader's slots take 1000000 bytes; 65536 may be pinned; they are pageable, "
              "which is slower: raise RLIMIT_MEMLOCK with 'ulimit -l 977' .KiB.$");
}

TEST_F(SlotMemoryDeathTest, BeyondTheLimitItIsAnErrorWherePinningIsRequired) {
  EXPECT_EXIT(pin_without_rights(Pinning::require), testing::ExitedWithCode(1),
              "^error: the loader's slots take 1000000 bytes; 65536 may be pinned\n"
              "   at pinfeed.pinning\n"
              "help: raise RLIMIT_MEMLOCK with 'ulimit -l 977' .KiB.\n$");
}

// Other parts of the process lock memory between slot_memory() and the allocation.
void pin_what_others_have_locked() {
  test::lower_for_good(RLIMIT_MEMLOCK, 65536);
  const SlotMemory memory = slot_memory(49152, Pinning::prefer, true);
  const Buffer others = allocate_locked(32768);
  const bool pinned = memory.pinned && memory.refused().empty();
  const bool pageable = memory.allocate(49152).kind == MemoryKind::pageable;
  std::fputs(memory.refused().c_str(), stderr);
  std::_Exit(pinned && pageable ? 1 : 3);
}

TEST_F(SlotMemoryDeathTest, ThatTheSystemRefusesToPinIsPageable) {
  if (!mlock_works()) GTEST_SKIP() << "mlock does nothing here";
  EXPECT_EXIT(
      pin_what_others_have_locked(), testing::ExitedWithCode(1),
      "^the loader's slots are pageable, which is slower: could not lock 49152 bytes of "
      "memory: Cannot allocate memory; RLIMIT_MEMLOCK is 65536 bytes; raise it with 'ulimit "
      "-l 80' .KiB; as root, or 'memlock' in /etc/security/limits.conf.$");
}

TEST(SlotMemory, BeyondAQuarterOfTheMemoryTheWarningAsksForASmallerBatch) {
  if (pin_limit() != ram_bytes() / 4) GTEST_SKIP() << "the lock limit is lower";
  const SlotMemory memory = slot_memory(pin_limit() + 1, Pinning::prefer, true);
  EXPECT_FALSE(memory.pinned);
  EXPECT_EQ(memory.warning,
            "the loader's slots take " + std::to_string(pin_limit() + 1) + " bytes; " +
                std::to_string(pin_limit()) +
                " may be pinned; they are pageable, which is slower: a quarter of the memory is "
                "the limit: use a smaller batch_size or image");
}

}  // namespace
}  // namespace pinfeed
