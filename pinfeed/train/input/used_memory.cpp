// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/input/used_memory.h"

#include <c10/core/CachingDeviceAllocator.h>
#include <unistd.h>

#include <fstream>

namespace pinfeed {
namespace {

constexpr std::int64_t mib = 1 << 20;
constexpr auto all_pools = static_cast<std::size_t>(c10::CachingAllocator::StatType::AGGREGATE);

c10::CachingAllocator::Stat allocated_on(torch::Device device) {
  return c10::getDeviceAllocator(device.type())
      ->getDeviceStats(device.index())
      .allocated_bytes[all_pools];
}

}  // namespace

std::optional<std::int64_t> device_peak_mib(torch::Device device) {
  if (!device.is_cuda()) return std::nullopt;
  const std::int64_t peak = allocated_on(device).peak / mib;
  c10::getDeviceAllocator(device.type())->resetPeakStats(device.index());
  return peak;
}

std::int64_t used_mib(torch::Device device) {
  if (device.is_cuda()) return allocated_on(device).current / mib;
  std::ifstream file("/proc/self/statm");
  std::int64_t all_pages = 0;
  std::int64_t resident_pages = 0;
  file >> all_pages >> resident_pages;
  return resident_pages * ::sysconf(_SC_PAGESIZE) / mib;
}

}  // namespace pinfeed
