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

using enum SeatState;
using testing::ElementsAre;

constexpr std::array all_states = {free, rendering, travelling, filling, ready, in_use};

std::vector<SeatState> followers(MemoryPlace place, SeatState now) {
  std::vector<SeatState> found;
  for (const SeatState next : all_states) {
    if (may_follow(place, now, next)) found.push_back(next);
  }
  return found;
}

TEST(SeatState, OfAHostSeatGoesTheWaysOfTheHouse) {
  const MemoryPlace host = MemoryPlace::pinned;
  EXPECT_THAT(followers(host, free), ElementsAre(rendering));
  EXPECT_THAT(followers(host, rendering), ElementsAre(free, travelling, ready));
  EXPECT_THAT(followers(host, ready), ElementsAre(free, travelling, in_use));
  EXPECT_THAT(followers(host, travelling), ElementsAre(free));
  EXPECT_THAT(followers(host, in_use), ElementsAre(free));
}

TEST(SeatState, OfADeviceSeatGoesTheWaysOfTheHouse) {
  const MemoryPlace device = MemoryPlace::device;
  EXPECT_THAT(followers(device, free), ElementsAre(filling));
  EXPECT_THAT(followers(device, filling), ElementsAre(free, ready));
  EXPECT_THAT(followers(device, ready), ElementsAre(free, in_use));
  EXPECT_THAT(followers(device, in_use), ElementsAre(free));
}

TEST(Slab, GivesRenderingSeatsOnTheHostAndFillingSeatsOnADevice) {
  Slab host(allocate_pageable, 1, 64);
  EXPECT_EQ(host.acquire(64)->state(), rendering);
  const Allocator as_device = [](std::size_t size) {
    Buffer buffer = allocate_pageable(size);
    buffer.place = MemoryPlace::device;
    return buffer;
  };
  Slab device(as_device, 1, 64, MemoryPlace::device);
  EXPECT_EQ(device.acquire(64)->state(), filling);
  EXPECT_EQ(device.acquire(64)->state(), filling);
}

TEST(Slab, AllocatesASeatAtItsFirstUseAndThenUsesItAgain) {
  int allocations = 0;
  Slab slab([&](std::size_t size) { return ++allocations, allocate_pageable(size); }, 3, 1000);
  EXPECT_EQ(slab.stats().bytes, 0U);
  for (int i = 0; i < 10; ++i) EXPECT_EQ(slab.acquire(500)->buffer().size, 1000U);
  EXPECT_EQ(allocations, 1);
  EXPECT_EQ(slab.stats().bytes, 1000U);
}

TEST(Slab, GivesEachSeatToOneOwner) {
  Slab slab(allocate_pageable, 3, 64);
  std::vector<Seat> seats;
  std::set<std::byte*> starts;
  for (int i = 0; i < 3; ++i) {
    seats.push_back(*slab.acquire(64));
    starts.insert(seats.back().buffer().data());
  }
  EXPECT_EQ(starts.size(), 3U);
  EXPECT_EQ(slab.stats().free, 0);
  seats.clear();
  EXPECT_EQ(slab.stats().free, 3);
}

TEST(Slab, GrowsASeatThatIsTooSmallByHalfAtLeast) {
  Slab slab(allocate_pageable, 1, 1000);
  slab.acquire(1);
  EXPECT_EQ(slab.acquire(1001)->buffer().size, 1500U);
  EXPECT_EQ(slab.acquire(9000)->buffer().size, 9000U);
  EXPECT_EQ(slab.stats().grown, 2);
  EXPECT_EQ(slab.stats().bytes, 9000U);
}

TEST(Slab, KeepsOutgrownPinnedBlocksUntilTheEnd) {
  const auto freed = std::make_shared<std::atomic<int>>(0);
  const Allocator pinned = [freed](std::size_t size) {
    const Buffer raw = allocate_pageable(size);
    return Buffer{{raw.data(), [raw, freed](std::byte*) { ++*freed; }}, size, MemoryPlace::pinned};
  };
  {
    Slab slab(pinned, 1, 1000);
    slab.acquire(1000);
    slab.acquire(2000);
    EXPECT_EQ(*freed, 0);
    EXPECT_EQ(slab.stats().bytes, 3000U);
  }
  EXPECT_EQ(*freed, 2);
}

TEST(Slab, PrefersASeatThatIsLargeEnough) {
  Slab slab(allocate_pageable, 2, 100);
  std::byte* large = nullptr;
  {
    const auto small = slab.acquire(100);
    const auto other = slab.acquire(5000);
    large = other->buffer().data();
  }
  slab.acquire(100);
  EXPECT_EQ(slab.acquire(4000)->buffer().data(), large);
  EXPECT_EQ(slab.stats().bytes, 5100U);
}

TEST(Slab, LeavesTheSeatFreeWhenThereIsNoMemory) {
  Slab slab([](std::size_t) -> Buffer { throw Error(ErrorKind::system, "no memory"); }, 1, 64);
  EXPECT_THROW(slab.acquire(64), Error);
  EXPECT_EQ(slab.stats().free, 1);
}

TEST(Slab, GivesBackASeatThatIsAssignedOver) {
  Slab slab(allocate_pageable, 2, 64);
  Seat seat = *slab.acquire(64);
  seat = *slab.acquire(64);
  EXPECT_EQ(slab.stats().free, 1);
}

TEST(Slab, WaitsForAFreeSeat) {
  Slab slab(allocate_pageable, 1, 64);
  std::optional<Seat> held = slab.acquire(64);
  std::thread waiting([&] { EXPECT_TRUE(slab.acquire(64)); });
  while (slab.stats().waits == 0) std::this_thread::yield();
  held.reset();
  waiting.join();
  EXPECT_EQ(slab.stats().free, 1);
}

TEST(Slab, TriesWithoutWaiting) {
  Slab slab(allocate_pageable, 1, 64);
  {
    const std::optional<Seat> held = slab.try_acquire(64);
    EXPECT_TRUE(held);
    EXPECT_FALSE(slab.try_acquire(64));
  }
  EXPECT_TRUE(slab.try_acquire(64));
  slab.close();
  EXPECT_FALSE(slab.try_acquire(64));
}

TEST(Slab, GivesNothingOnceClosedAndWakesWhoWaits) {
  Slab slab(allocate_pageable, 1, 64);
  const std::optional<Seat> held = slab.acquire(64);
  std::thread waiting([&] { EXPECT_FALSE(slab.acquire(64)); });
  while (slab.stats().waits == 0) std::this_thread::yield();
  slab.close();
  waiting.join();
  EXPECT_FALSE(slab.acquire(64));
}

TEST(Slab, MayDieBeforeItsSeats) {
  std::optional<Slab> slab(std::in_place, allocate_pageable, 1, std::size_t{64});
  std::optional<Seat> seat = slab->acquire(64);
  slab.reset();
  std::memset(seat->buffer().data(), 1, 64);
  seat.reset();
}

TEST(Slab, NeverGivesOneSeatToTwoThreads) {
  Slab slab(allocate_pageable, 3, sizeof(int));
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&slab, id] {
      for (int round = 0; round < 500; ++round) {
        Seat seat = *slab.acquire(sizeof(int));
        auto* number = reinterpret_cast<int*>(seat.buffer().data());
        *number = id;
        seat.go(ready);
        std::this_thread::yield();
        seat.go(in_use);
        ASSERT_EQ(*number, id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(slab.stats().free, 3);
}

TEST(SlabDeathTest, AssertsThatStatesComeInOrder) {
  Slab slab(allocate_pageable, 1, 64);
  Seat seat = *slab.acquire(64);
  EXPECT_DEBUG_DEATH(seat.go(in_use), "may_follow");
}

}  // namespace
}  // namespace pinfeed
