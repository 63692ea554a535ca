// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/memory/pool.h"

namespace pinfeed {

/// The speed of one kind of copy. The rate is empty where the machine cannot do it: no memory may
/// be locked, or there is no device.
struct CopyRate {
  std::string name = {};     // for scripts: "pageable_to_device"
  std::string meaning = {};  // for the user
  std::optional<double> bytes_per_second = {};
};

/// Seconds to allocate 1 GiB and to touch every page.
struct AllocationTimes {
  std::optional<double> pageable = {};
  std::optional<double> pinned = {};
  std::optional<double> pooled = {};
};

/// Times of a copy to the device and of a kernel on it: each alone, and both at once.
struct Overlap {
  double copy_seconds = 0.0;
  double kernel_seconds = 0.0;
  double together_seconds = 0.0;

  /// The fraction of the shorter of the two that ran in parallel to the other: 1 is ideal.
  double hidden() const;
};

struct MemoryRates {
  std::size_t block_bytes = 0;         // of each copy
  std::size_t pinned_block_bytes = 0;  // smaller where less may be locked; 0: nothing may be
  std::vector<CopyRate> copies = {};
  AllocationTimes allocate_seconds_per_gib = {};
  std::optional<Overlap> overlap = {};  // empty without a device or pinned memory
  PoolStats pool = {};                  // of the pool in allocate_seconds_per_gib.pooled
};

/// Measures with blocks of `bytes`; each number is the median of up to five runs. With 64 MiB it
/// takes about a second.
MemoryRates measure_memory(std::size_t bytes);

}  // namespace pinfeed
