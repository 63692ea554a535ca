// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/batch_buffer_ring.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstring>
#include <set>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/device.h"

namespace pinfeed {
namespace {

using enum SlotState;
using testing::ElementsAre;

constexpr std::array all_states = {free, rendering, in_transfer, filling, ready, in_use};

std::vector<SlotState> followers(MemoryKind kind, SlotState now) {
  std::vector<SlotState> found;
  for (const SlotState next : all_states) {
    if (may_follow(kind, now, next)) found.push_back(next);
  }
  return found;
}

TEST(SlotState, OfAHostSlotFollowsTheProtocol) {
  const MemoryKind host = MemoryKind::pinned;
  EXPECT_THAT(followers(host, free), ElementsAre(rendering));
  EXPECT_THAT(followers(host, rendering), ElementsAre(free, in_transfer, ready));
  EXPECT_THAT(followers(host, ready), ElementsAre(free, in_transfer, in_use));
  EXPECT_THAT(followers(host, in_transfer), ElementsAre(free));
  EXPECT_THAT(followers(host, in_use), ElementsAre(free));
}

TEST(SlotState, OfADeviceSlotFollowsTheProtocol) {
  const MemoryKind device = MemoryKind::device;
  EXPECT_THAT(followers(device, free), ElementsAre(filling));
  EXPECT_THAT(followers(device, filling), ElementsAre(free, ready));
  EXPECT_THAT(followers(device, ready), ElementsAre(free, in_use));
  EXPECT_THAT(followers(device, in_use), ElementsAre(free));
}

TEST(BatchBufferRing, StartsHostSlotsAsRenderingAndDeviceSlotsAsFilling) {
  BatchBufferRing host(allocate_pageable, 1, 64);
  EXPECT_EQ(host.acquire(64)->state(), rendering);
  const Allocator as_device = [](std::size_t size) {
    Buffer buffer = allocate_pageable(size);
    buffer.kind = MemoryKind::device;
    return buffer;
  };
  BatchBufferRing device(as_device, 1, 64, MemoryKind::device);
  EXPECT_EQ(device.acquire(64)->state(), filling);
  EXPECT_EQ(device.acquire(64)->state(), filling);
}

TEST(BatchBufferRing, AllocatesASlotAtItsFirstUseAndReusesIt) {
  int allocations = 0;
  BatchBufferRing ring([&](std::size_t size) { return ++allocations, allocate_pageable(size); }, 3,
                       1000);
  EXPECT_EQ(ring.stats().bytes, 0U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(ring.acquire(500)->buffer().size, 1000U);
  EXPECT_EQ(allocations, 1);
  EXPECT_EQ(ring.stats().bytes, 1000U);
}

TEST(BatchBufferRing, GivesEachSlotOneOwner) {
  BatchBufferRing ring(allocate_pageable, 3, 64);
  std::vector<BatchSlot> slots;
  std::set<std::byte*> starts;
  for (int i = 0; i < 3; ++i) {
    slots.push_back(*ring.acquire(64));
    starts.insert(slots.back().buffer().data());
  }
  EXPECT_EQ(starts.size(), 3U);
  EXPECT_EQ(ring.stats().free, 0);
  slots.clear();
  EXPECT_EQ(ring.stats().free, 3);
}

TEST(BatchBufferRing, GrowsASlotThatIsTooSmallByAtLeastHalf) {
  BatchBufferRing ring(allocate_pageable, 1, 1000);
  ring.acquire(1);
  EXPECT_EQ(ring.acquire(1001)->buffer().size, 1500U);
  EXPECT_EQ(ring.acquire(9000)->buffer().size, 9000U);
  EXPECT_EQ(ring.stats().grown, 2);
  EXPECT_EQ(ring.stats().bytes, 9000U);
}

TEST(BatchBufferRing, KeepsOutgrownPinnedBlocksUntilTheEnd) {
  const auto freed = std::make_shared<std::atomic<int>>(0);
  const Allocator pinned = [freed](std::size_t size) {
    const Buffer raw = allocate_pageable(size);
    return Buffer{{raw.data(), [raw, freed](std::byte*) { ++*freed; }}, size, MemoryKind::pinned};
  };
  {
    BatchBufferRing ring(pinned, 1, 1000);
    ring.acquire(1000);
    ring.acquire(2000);
    EXPECT_EQ(*freed, 0);
    EXPECT_EQ(ring.stats().bytes, 3000U);
  }
  EXPECT_EQ(*freed, 2);
}

TEST(BatchBufferRing, PrefersASlotThatIsLargeEnough) {
  BatchBufferRing ring(allocate_pageable, 2, 100);
  std::byte* large = nullptr;
  {
    const auto small = ring.acquire(100);
    const auto other = ring.acquire(5000);
    large = other->buffer().data();
  }
  ring.acquire(100);
  EXPECT_EQ(ring.acquire(4000)->buffer().data(), large);
  EXPECT_EQ(ring.stats().bytes, 5100U);
}

TEST(BatchBufferRing, KeepsTheSlotFreeWhenTheAllocationFails) {
  BatchBufferRing ring([](std::size_t) -> Buffer { throw Error(ErrorKind::system, "no memory"); },
                       1, 64);
  EXPECT_THROW(ring.acquire(64), Error);
  EXPECT_EQ(ring.stats().free, 1);
}

TEST(BatchBufferRing, ReleasesASlotThatIsOverwritten) {
  BatchBufferRing ring(allocate_pageable, 2, 64);
  BatchSlot slot = *ring.acquire(64);
  slot = *ring.acquire(64);
  EXPECT_EQ(ring.stats().free, 1);
}

TEST(BatchBufferRing, WaitsForAFreeSlot) {
  BatchBufferRing ring(allocate_pageable, 1, 64);
  std::optional<BatchSlot> held = ring.acquire(64);
  std::thread waiting([&] { EXPECT_TRUE(ring.acquire(64)); });
  while (ring.stats().waits == 0) std::this_thread::yield();
  held.reset();
  waiting.join();
  EXPECT_EQ(ring.stats().free, 1);
}

TEST(BatchBufferRing, ReturnsAtOnceFromTryAcquire) {
  BatchBufferRing ring(allocate_pageable, 1, 64);
  {
    const std::optional<BatchSlot> held = ring.try_acquire(64);
    EXPECT_TRUE(held);
    EXPECT_FALSE(ring.try_acquire(64));
  }
  EXPECT_TRUE(ring.try_acquire(64));
  ring.close();
  EXPECT_FALSE(ring.try_acquire(64));
}

TEST(BatchBufferRing, ReturnsNothingOnceClosedAndWakesWaitingThreads) {
  BatchBufferRing ring(allocate_pageable, 1, 64);
  const std::optional<BatchSlot> held = ring.acquire(64);
  std::thread waiting([&] { EXPECT_FALSE(ring.acquire(64)); });
  while (ring.stats().waits == 0) std::this_thread::yield();
  ring.close();
  waiting.join();
  EXPECT_FALSE(ring.acquire(64));
}

TEST(BatchBufferRing, MayBeDestroyedBeforeItsSlots) {
  std::optional<BatchBufferRing> ring(std::in_place, allocate_pageable, 1, std::size_t{64});
  std::optional<BatchSlot> slot = ring->acquire(64);
  ring.reset();
  std::memset(slot->buffer().data(), 1, 64);
  slot.reset();
}

TEST(BatchBufferRing, NeverGivesOneSlotToTwoThreads) {
  BatchBufferRing ring(allocate_pageable, 3, sizeof(int));
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&ring, id] {
      for (int round = 0; round < 500; ++round) {
        BatchSlot slot = *ring.acquire(sizeof(int));
        auto* number = reinterpret_cast<int*>(slot.buffer().data());
        *number = id;
        slot.advance_to(ready);
        std::this_thread::yield();
        slot.advance_to(in_use);
        ASSERT_EQ(*number, id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(ring.stats().free, 3);
}

TEST(BatchBufferRingDeathTest, AssertsThatStatesComeInOrder) {
  BatchBufferRing ring(allocate_pageable, 1, 64);
  BatchSlot slot = *ring.acquire(64);
  EXPECT_DEBUG_DEATH(slot.advance_to(in_use), "may_follow");
}

TEST(BatchBufferRing, StaysWithinItsLimit) {
  BatchBufferRing ring(allocate_pageable, 3, 100, MemoryKind::pageable, 1000);
  std::optional<BatchSlot> first = ring.try_acquire(400);
  std::optional<BatchSlot> second = ring.try_acquire(400);
  EXPECT_FALSE(ring.try_acquire(400));
  EXPECT_EQ(ring.stats().free, 1);
  EXPECT_EQ(ring.stats().bytes, 800U);
  EXPECT_TRUE(ring.try_acquire(200));  // is free again at once
  first.reset();
  EXPECT_TRUE(ring.try_acquire(600));  // the memory of free slots is given up
  EXPECT_LE(ring.stats().bytes, 1000U);
  second.reset();
  EXPECT_TRUE(ring.try_acquire(5000));  // the only one in use
  EXPECT_EQ(ring.stats().bytes, 5000U);
}

TEST(BatchBufferRing, ReportsTheReleaseOfASlotThatAnnouncesIt) {
  BatchBufferRing ring(allocate_pageable, 2, 100);
  int released = 0;
  ring.on_release([&released] { ++released; });
  std::optional<BatchSlot> slot = ring.try_acquire(100);
  slot->announce_release();
  ring.try_acquire(100).reset();
  EXPECT_EQ(released, 0);
  slot.reset();
  EXPECT_EQ(released, 1);
  ring.try_acquire(100).reset();
  EXPECT_EQ(released, 1);
}

}  // namespace
}  // namespace pinfeed
