// SPDX-License-Identifier: Apache-2.0
// Between batches nothing is allocated (docs/architecture.md, Memory).
#include <gtest/gtest.h>

#include "pinfeed/memory/allocators.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/pool.h"
#include "pinfeed/memory/transfer.h"
#include "tests/count_allocations.h"

namespace pinfeed {
namespace {

// The allocations of 100 rounds, after 20 rounds that fill the caches.
template <class Round>
std::int64_t allocations_of(Round round) {
  for (int i = 0; i < 20; ++i) round();
  const std::int64_t before = test::allocations();
  for (int i = 0; i < 100; ++i) round();
  return test::allocations() - before;
}

TEST(SteadyState, IsMeasuredByACounterThatCounts) {
  EXPECT_GE(allocations_of([] { std::make_shared<int>(1); }), 100);
}

TEST(SteadyState, OfARingAllocatesNothing) {
  BatchBufferRing ring(allocate_huge, 3, 4096);
  EXPECT_EQ(allocations_of([&ring] {
              const std::optional<BatchSlot> one = ring.acquire(4096);
              const std::optional<BatchSlot> other = ring.try_acquire(1000);
              EXPECT_NE(one->buffer().data(), other->buffer().data());
            }),
            0);
}

TEST(SteadyState, OfAPoolAllocatesNothing) {
  const Pool pool = pooled(allocate_pageable);
  EXPECT_EQ(allocations_of([&pool] {
              const Buffer small = pool.allocate(100);
              const Buffer large = pool.allocate(100'000);
              EXPECT_NE(small.data(), large.data());
            }),
            0);
}

// A copy that takes unusually long may need the event of a second host slot, once.
TEST(SteadyState, OfATransferAllocatesNothing) {
  if (backend() != "host") GTEST_SKIP() << "the CUDA runtime allocates";
  BatchBufferRing host(allocate_pinned, 2, 4096);
  {  // allocates both slots: a slow copy could otherwise delay the second
    const std::optional<BatchSlot> one = host.acquire(4096);
    const std::optional<BatchSlot> other = host.acquire(4096);
  }
  Transfer transfer(BatchBufferRing(device(), 2, 4096, MemoryKind::device));
  const Stream reader;
  std::int64_t allocations = 1;
  for (int i = 0; i < 4 && allocations > 0; ++i) {
    allocations = allocations_of([&] {
      std::optional<InFlightCopy> arrival = transfer.send(*host.acquire(4096), 4096);
      arrival->use_on(reader);
      arrival.reset();
      synchronize(reader);
    });
  }
  EXPECT_EQ(allocations, 0);
}

}  // namespace
}  // namespace pinfeed
