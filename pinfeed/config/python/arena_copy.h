// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pinfeed/core/arena.h"

namespace pinfeed::python {

/// A copy in the arena, valid until the arena is reset or destroyed.
template <class T>
std::span<const T> arena_copy(Arena& arena, const std::vector<T>& items) {
  static_assert(std::is_trivially_destructible_v<T>);
  if (items.empty()) return {};
  auto* copies = static_cast<T*>(arena.allocate(items.size() * sizeof(T), alignof(T)));
  std::uninitialized_copy(items.begin(), items.end(), copies);
  return {copies, items.size()};
}

inline std::string_view arena_copy(Arena& arena, std::string_view text) {
  if (text.empty()) return {};
  auto* copy = static_cast<char*>(arena.allocate(text.size(), 1));
  std::uninitialized_copy(text.begin(), text.end(), copy);
  return {copy, text.size()};
}

}  // namespace pinfeed::python
