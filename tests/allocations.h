// SPDX-License-Identifier: Apache-2.0
// Counts and limits of a program that has count_allocations.h in one of its source files.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace pinfeed::test {

inline std::atomic<std::int64_t> all_allocations = 0;
inline thread_local std::int64_t allocations_here = 0;
inline thread_local std::size_t largest_allocation_here = std::numeric_limits<std::size_t>::max();

/// Calls of operator new so far, of all threads.
inline std::int64_t allocations() { return all_allocations; }
/// The same, of the calling thread.
inline std::int64_t allocations_of_this_thread() { return allocations_here; }

/// In its scope, operator new of this thread refuses more than so many bytes at once.
class AllocationLimit {
 public:
  explicit AllocationLimit(std::size_t bytes) { largest_allocation_here = bytes; }
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;
  ~AllocationLimit() { largest_allocation_here = std::numeric_limits<std::size_t>::max(); }
};

}  // namespace pinfeed::test
