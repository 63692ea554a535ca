// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/allocators.h"

#include <gtest/gtest.h>

#include <cstring>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "pinfeed/core/error.h"
#include "pinfeed/memory/host_memory.h"
#include "pinfeed/memory/pool.h"
#include "tests/memory/test_allocators.h"

namespace pinfeed {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

struct NamedAllocator {
  std::string name;
  std::function<Allocator()> make;
  MemoryKind kind = MemoryKind::pageable;
  bool many_threads = true;

  friend std::ostream& operator<<(std::ostream& out, const NamedAllocator& one) {
    return out << one.name;
  }
};

std::vector<NamedAllocator> all_allocators() {
  return {
      {"Pageable", [] { return pageable(); }},
      {"Plain", [] { return Allocator(allocate_pageable); }},
      {"Pinned", [] { return pinned(); }, MemoryKind::pinned},
      {"Device", [] { return device(); }, MemoryKind::device},
      {"DeviceWithAStream", [] { return device(Stream()); }, MemoryKind::device},
      {"Pooled", [] { return pooled(pageable()).allocate; }},
      {"PooledDevice", [] { return pooled(device()).allocate; }, MemoryKind::device},
      {"Carved", [] { return carved(pageable(), 3, mib); }, MemoryKind::pageable, false},
      {"Counted", [] { return counted(pageable()).allocate; }},
      {"Limited", [] { return limited(pageable(), 64 * mib); }},
      {"Failing", [] { return failing_after(pageable(), 1'000'000); }},
      {"AllOfThem",
       [] { return pooled(counted(limited(pageable(), 64 * mib)).allocate).allocate; }},
  };
}

bool may_lock() { return lockable_bytes() >= 8 * mib; }

// What every allocator promises (core/buffer.h).
class AnyAllocator : public testing::TestWithParam<NamedAllocator> {
 protected:
  void SetUp() override {
    if (GetParam().kind == MemoryKind::pinned && !may_lock())
      GTEST_SKIP() << "no memory may be locked";
    if (GetParam().kind == MemoryKind::device && backend() != "host") {
      GTEST_SKIP() << "the host cannot read device memory";
    }
  }
};

TEST_P(AnyAllocator, ReturnsTheSizeTheKindAndTheAlignmentAskedFor) {
  const Allocator allocate = GetParam().make();
  for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{70'001}, 3 * mib}) {
    const Buffer buffer = allocate(size);
    EXPECT_EQ(buffer.size, size);
    EXPECT_EQ(buffer.kind, GetParam().kind);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U);
    std::memset(buffer.data(), 0x5A, size);
  }
}

TEST_P(AnyAllocator, ReturnsAnEmptyBufferForZeroBytes) {
  const Buffer buffer = GetParam().make()(0);
  EXPECT_EQ(buffer.size, 0U);
  EXPECT_NE(buffer.data(), nullptr);
}

TEST_P(AnyAllocator, ReturnsBuffersThatDoNotOverlap) {
  const Allocator allocate = GetParam().make();
  std::vector<Buffer> buffers;
  for (std::size_t i = 0; i < 100; ++i) {
    buffers.push_back(allocate(100 + 37 * i));
    std::memset(buffers.back().data(), static_cast<int>(i), buffers.back().size);
  }
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    for (const std::size_t at : {std::size_t{0}, buffers[i].size - 1}) {
      ASSERT_EQ(std::to_integer<std::size_t>(buffers[i].data()[at]), i);
    }
  }
}

TEST_P(AnyAllocator, MayBeDestroyedBeforeItsBuffers) {
  const Buffer buffer = GetParam().make()(5000);
  const Buffer copy = buffer;
  std::memset(copy.data(), 1, copy.size);
}

TEST_P(AnyAllocator, ServesManyThreads) {
  if (!GetParam().many_threads) GTEST_SKIP() << "for one thread only";
  const Allocator allocate = GetParam().make();
  std::vector<std::thread> threads;
  for (int id = 0; id < 4; ++id) {
    threads.emplace_back([&allocate, id] {
      for (std::size_t i = 1; i < 200; ++i) {
        const Buffer buffer = allocate(i * 50);
        std::memset(buffer.data(), id, buffer.size);
        ASSERT_EQ(std::to_integer<int>(buffer.data()[buffer.size - 1]), id);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(Memory, AnyAllocator, testing::ValuesIn(all_allocators()),
                         [](const auto& one) { return one.param.name; });

std::string message_of(const Allocator& allocate, std::size_t size) {
  try {
    allocate(size);
  } catch (const Error& error) {
    return error.message();
  }
  return "";
}

TEST(Carved, ServesItsCountFromOneBlock) {
  const Counted blocks = counted(pageable());
  const Allocator allocate = carved(blocks.allocate, 3, 1000);
  std::vector<Buffer> pieces;
  for (int i = 0; i < 3; ++i) pieces.push_back(allocate(1000));
  EXPECT_EQ(blocks.stats().allocations, 1);
  EXPECT_GE(pieces[1].data() - pieces[0].data(), 1000);
  const Buffer fourth = allocate(1000);
  EXPECT_EQ(blocks.stats().allocations, 2);
  EXPECT_EQ(blocks.stats().bytes, 3 * 1024 + 1000U);
  pieces.clear();
  EXPECT_EQ(blocks.stats().frees, 1);
}

TEST(Carved, PassesLargerRequestsToTheUpstream) {
  const Counted blocks = counted(pageable());
  const Allocator allocate = carved(blocks.allocate, 2, 1000);
  const Buffer larger = allocate(1025);
  EXPECT_EQ(blocks.stats().bytes, 1025U);
  const Buffer first = allocate(8);
  const Buffer second = allocate(8);
  EXPECT_EQ(blocks.stats().allocations, 2);
}

TEST(Counted, ReportsTheBytesInUseAndTheirPeak) {
  const Counted memory = counted(pageable());
  {
    const Buffer one = memory.allocate(1000);
    const Buffer other = memory.allocate(500);
    EXPECT_EQ(memory.stats().bytes, 1500U);
  }
  const Buffer last = memory.allocate(200);
  EXPECT_EQ(memory.stats().bytes, 200U);
  EXPECT_EQ(memory.stats().peak_bytes, 1500U);
  EXPECT_EQ(memory.stats().allocations, 3);
  EXPECT_EQ(memory.stats().frees, 2);
}

TEST(Limited, RefusesWhatExceedsTheBudgetAndReusesWhatIsFreed) {
  const Allocator allocate = limited(pageable(), 10'000);
  Buffer buffer = allocate(8000);
  EXPECT_EQ(message_of(allocate, 4096),
            "error: could not allocate 4096 bytes: 8000 of the 10000 bytes allowed are in use\n");
  EXPECT_EQ(message_of(allocate, std::size_t(-1)),
            "error: could not allocate 18446744073709551615 bytes: 8000 of the 10000 bytes allowed "
            "are in use\n");
  buffer = {};
  EXPECT_EQ(allocate(10'000).size, 10'000U);
}

TEST(Limited, CountsNothingForAFailedAllocation) {
  const Allocator allocate = limited(failing_after(pageable(), 0), 10'000);
  EXPECT_THROW(allocate(9000), Error);
  EXPECT_EQ(message_of(allocate, 9000), "error: could not allocate 9000 bytes: made to fail\n");
}

TEST(FailingAfter, ServesTheFirstRequests) {
  const Allocator allocate = failing_after(pageable(), 2);
  EXPECT_EQ(allocate(10).size, 10U);
  EXPECT_EQ(allocate(10).size, 10U);
  EXPECT_EQ(message_of(allocate, 10), "error: could not allocate 10 bytes: made to fail\n");
}

// Refuses the first requests, as a device does whose memory another allocator keeps.
Allocator refusing(std::shared_ptr<int> refusals, ErrorKind kind) {
  return [refusals, kind](std::size_t bytes) {
    if ((*refusals)-- > 0) throw Error(kind, "out of memory");
    return allocate_pageable(bytes);
  };
}

TEST(Retried, AsksOnceMoreWhenMemoryWasFreed) {
  int freed = 0;
  const auto refusals = std::make_shared<int>(1);
  const Allocator allocate = retried(refusing(refusals, ErrorKind::device), [&] { ++freed; });
  EXPECT_EQ(allocate(100).size, 100U);
  EXPECT_EQ(allocate(100).size, 100U);
  EXPECT_EQ(freed, 1);
}

TEST(Retried, ThrowsWhenThereIsStillNoMemory) {
  int freed = 0;
  const auto refusals = std::make_shared<int>(2);
  const Allocator allocate = retried(refusing(refusals, ErrorKind::device), [&] { ++freed; });
  EXPECT_THROW(allocate(100), Error);
  EXPECT_EQ(freed, 1);
  *refusals = 1;
  const Allocator other = retried(refusing(refusals, ErrorKind::system), [&] { ++freed; });
  EXPECT_THROW(other(100), Error);
  EXPECT_EQ(freed, 1);
}

TEST(DeviceWithAStream, FreesABufferAfterTheWorkThatWasGivenBefore) {
  if (backend() != "host") GTEST_SKIP() << "the host cannot read device memory";
  delay_streams(1, std::chrono::milliseconds(2));
  const Stream stream;
  delay_streams(0, std::chrono::microseconds(0));
  const std::vector<std::byte> from(3 * mib, std::byte{7});
  std::vector<std::byte> back(from.size());
  {
    const Buffer buffer = device(stream)(from.size());
    copy_async(from, buffer.data(), stream);
    copy_async({buffer.data(), buffer.size}, back.data(), stream);
  }
  synchronize(stream);
  EXPECT_EQ(back, from);
}

}  // namespace
}  // namespace pinfeed
