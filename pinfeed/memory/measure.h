// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/memory/pool.h"

namespace pinfeed {

/// One way of moving bytes. The rate is empty where the machine cannot do it: nothing may be
/// locked, or there is no device.
struct CopyRate {
  std::string name = {};     // for scripts: "pageable_to_device"
  std::string meaning = {};  // for people
  std::optional<double> bytes_per_second = {};
};

/// Seconds until 1 GiB can be written at full speed: allocated, first touched, locked.
struct AllocationTimes {
  std::optional<double> pageable = {};
  std::optional<double> pinned = {};
  std::optional<double> pooled = {};
};

/// A copy to the device and a kernel on it: one alone, the other alone, both at once. Empty where
/// there is no device or nothing may be locked.
struct Overlap {
  double copy_seconds = 0.0;
  double kernel_seconds = 0.0;
  double together_seconds = 0.0;

  /// The part of the shorter of the two that cost nothing: 1 is a copy for free.
  double hidden() const;
};

struct MemoryRates {
  std::size_t block_bytes = 0;         // what was copied
  std::size_t pinned_block_bytes = 0;  // smaller where little may be locked; 0: nothing
  std::vector<CopyRate> copies = {};
  AllocationTimes allocate_seconds_per_gib = {};
  std::optional<Overlap> overlap = {};
  PoolStats pool = {};  // of the pool that was measured
};

/// Measures with blocks of `bytes`, medians of a few repetitions. 64 MiB take about a second.
MemoryRates measure_memory(std::size_t bytes);

}  // namespace pinfeed
