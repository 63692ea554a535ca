// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace pinfeed {
namespace {

bool aligned(const void* address, std::size_t alignment) {
  return reinterpret_cast<std::uintptr_t>(address) % alignment == 0;
}

TEST(Arena, AllocationsDoNotOverlap) {
  Arena arena(256);
  std::vector<unsigned char*> pieces;
  for (int i = 0; i < 100; ++i) {
    pieces.push_back(static_cast<unsigned char*>(arena.allocate(16, 1)));
    std::memset(pieces.back(), i, 16);
  }
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for (int j = 0; j < 16; ++j) ASSERT_EQ(pieces[i][j], i);
  }
}

TEST(Arena, AlignsEachAllocation) {
  Arena arena(1024);
  for (const std::size_t alignment : {1U, 2U, 8U, 64U, 256U}) {
    EXPECT_NE(arena.allocate(1, 1), nullptr);
    EXPECT_TRUE(aligned(arena.allocate(3, alignment), alignment)) << alignment;
  }
}

TEST(Arena, AllocatesMoreThanABlock) {
  Arena arena(64);
  std::memset(arena.allocate(10'000, 8), 1, 10'000);
  EXPECT_GE(arena.capacity(), 10'000U);
}

TEST(Arena, ReusesBlocksAfterReset) {
  Arena arena(128);
  const auto fill = [&arena] {
    for (int i = 0; i < 50; ++i) EXPECT_NE(arena.allocate(40, 8), nullptr);
  };
  fill();
  const std::size_t before = arena.capacity();
  for (int i = 0; i < 10; ++i) {
    arena.reset();
    fill();
  }
  EXPECT_EQ(arena.capacity(), before);
}

TEST(Arena, KeepsLittleMoreThanTheLargestUseNeeds) {
  Arena arena(1024);
  std::size_t most = 0;
  for (std::size_t size = 10'000; size <= 1'000'000; size += 10'000) {
    arena.reset();
    for (const std::size_t part : {size, size / 2, size / 3}) {
      std::memset(arena.allocate(part, 8), 1, part);
    }
    most = std::max(most, arena.capacity());
  }
  EXPECT_LE(most, 2 * 2'000'000U);
}

TEST(Arena, GivesUpTheMemoryOfALargeUseAfterManySmallOnes) {
  Arena arena(1024);
  EXPECT_NE(arena.allocate(1'000'000, 8), nullptr);
  for (int i = 0; i < 200; ++i) {
    arena.reset();
    EXPECT_NE(arena.allocate(2'000, 8), nullptr);
  }
  EXPECT_LE(arena.capacity(), 10'000U);
}

TEST(Arena, AllocatesNothingForUsesOfVaryingSizes) {
  Arena arena(1024);
  std::vector<std::size_t> capacities;
  for (std::size_t i = 0; i < 1000; ++i) {
    arena.reset();
    for (std::size_t k = 0; k < 5; ++k) {
      EXPECT_NE(arena.allocate(500 + (i * 7 + k * 13) % 40 * 100, 8), nullptr);
    }
    capacities.push_back(arena.capacity());
  }
  EXPECT_EQ(capacities[500], capacities[999]);
}

TEST(Arena, WorksWithPmrContainers) {
  Arena arena;
  std::pmr::vector<std::pmr::string> names(&arena);
  for (int i = 0; i < 100; ++i)
    names.emplace_back(std::string(40, static_cast<char>('a' + i % 26)));
  EXPECT_EQ(names[27], std::string_view("bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"));
  EXPECT_EQ(names[0].get_allocator().resource(), &arena);
}

TEST(Arena, MakesObjects) {
  struct Pair {
    int a;
    double b;
  };
  Arena arena;
  const Pair* pair = arena.make<Pair>(3, 0.5);
  EXPECT_EQ(pair->a, 3);
  EXPECT_EQ(pair->b, 0.5);
}

}  // namespace
}  // namespace pinfeed
