// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/measure.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

#include "pinfeed/memory/device.h"
#include "pinfeed/memory/host_memory.h"

namespace pinfeed {
namespace {

constexpr std::size_t mib = std::size_t{1} << 20U;

const CopyRate& rate_of(const MemoryRates& rates, const std::string& name) {
  for (const CopyRate& rate : rates.copies) {
    if (rate.name == name) return rate;
  }
  throw std::out_of_range(name);
}

TEST(MeasureMemory, MeasuresEveryKindOfCopyOfTheMachine) {
  const MemoryRates rates = measure_memory(4 * mib);
  EXPECT_EQ(rates.block_bytes, 4 * mib);
  const bool locks = rates.pinned_block_bytes > 0;
  for (const char* name : {"pageable_to_fresh", "pageable_to_pageable"}) {
    EXPECT_GT(rate_of(rates, name).bytes_per_second.value_or(0.0), 1e6) << name;
  }
  EXPECT_EQ(rate_of(rates, "pageable_to_device").bytes_per_second.has_value(), device_present());
  EXPECT_EQ(rate_of(rates, "pageable_to_pinned").bytes_per_second.has_value(), locks);
  for (const char* name : {"staged_to_device", "pinned_to_device_waiting", "pinned_to_device",
                           "device_to_pinned", "both_ways"}) {
    EXPECT_EQ(rate_of(rates, name).bytes_per_second.has_value(), locks && device_present()) << name;
  }
  EXPECT_EQ(rates.overlap.has_value(), locks && device_present());
  for (const CopyRate& rate : rates.copies) EXPECT_FALSE(rate.meaning.empty());
}

TEST(MeasureMemory, LocksNoMoreThanAllowed) {
  EXPECT_LE(measure_memory(mib).pinned_block_bytes, pin_limit());
}

TEST(MeasureMemory, ReusesBlocksOfThePool) {
  const MemoryRates rates = measure_memory(mib);
  EXPECT_EQ(rates.pool.misses, 1);
  EXPECT_GT(rates.pool.hits, 0);
  EXPECT_EQ(rates.pool.used_bytes, 0U);
  EXPECT_GT(rates.allocate_seconds_per_gib.pageable.value(), 0.0);
  EXPECT_GT(rates.allocate_seconds_per_gib.pooled.value(), 0.0);
}

TEST(Overlap, IsTheFractionOfTheShorterThatRanInParallel) {
  EXPECT_DOUBLE_EQ((Overlap{2.0, 4.0, 4.0}.hidden()), 1.0);
  EXPECT_DOUBLE_EQ((Overlap{2.0, 4.0, 5.0}.hidden()), 0.5);
  EXPECT_DOUBLE_EQ((Overlap{2.0, 4.0, 6.5}.hidden()), 0.0);
}

}  // namespace
}  // namespace pinfeed
