// SPDX-License-Identifier: Apache-2.0
// Replaces the program's operator new by one that counts. One source file of a test program may
// include this.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <new>

#include "tests/allocations.h"

namespace pinfeed::test {

inline void* counted(std::size_t size, std::size_t alignment) {
  ++all_allocations;
  ++allocations_here;
  if (size > largest_allocation_here) return nullptr;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  return std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
}

}  // namespace pinfeed::test

[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
  void* bytes = pinfeed::test::counted(size, static_cast<std::size_t>(alignment));
  if (bytes == nullptr) throw std::bad_alloc();
  return bytes;
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  return operator new (size, std::align_val_t{alignof(std::max_align_t)});
}
// What libraries ask for this way comes back by the operator delete below.
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return pinfeed::test::counted(size, alignof(std::max_align_t));
}
[[gnu::noinline]] void operator delete(void* bytes) noexcept { std::free(bytes); }
[[gnu::noinline]] void operator delete(void* bytes, std::size_t) noexcept { std::free(bytes); }
[[gnu::noinline]] void operator delete(void* bytes, std::align_val_t) noexcept { std::free(bytes); }
[[gnu::noinline]] void operator delete(void* bytes, std::size_t, std::align_val_t) noexcept {
  std::free(bytes);
}
