// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/staging.h"

#include <gtest/gtest.h>

#include <vector>

#include "pinfeed/memory/allocators.h"

namespace pinfeed {
namespace {

std::vector<std::byte> counting(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 251);
  return bytes;
}

TEST(Staging, CopiesBytesOfAnySizeInOrder) {
  if (!device_present()) GTEST_SKIP() << "no device";
  const Stream stream;
  Staging staging(pageable(), 1000);
  for (const std::size_t size : {0U, 1U, 999U, 1000U, 1001U, 3000U, 12'345U}) {
    const std::vector<std::byte> from = counting(size);
    const Buffer there = allocate_device(size);
    std::vector<std::byte> back(size);
    staging.copy(from, there.data(), stream);
    copy_async({there.data(), size}, back.data(), stream);
    synchronize(stream);
    EXPECT_EQ(back, from);
  }
}

TEST(Staging, LetsTheSourceChangeAsSoonAsItReturns) {
  if (backend() != "host") GTEST_SKIP() << "only the streams of the host back end can be delayed";
  delay_streams(3, std::chrono::microseconds(300));
  const Stream slow;
  delay_streams(0, std::chrono::microseconds(0));
  Staging staging(pageable(), 64);
  const std::vector<std::byte> wanted = counting(1000);
  std::vector<std::byte> from = wanted;
  std::vector<std::byte> back(1000);
  const Buffer there = allocate_device(1000);
  staging.copy(from, there.data(), slow);
  std::fill(from.begin(), from.end(), std::byte{0});
  copy_async({there.data(), 1000}, back.data(), slow);
  synchronize(slow);
  EXPECT_EQ(back, wanted);
}

}  // namespace
}  // namespace pinfeed
