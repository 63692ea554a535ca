// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/device_name.h"

#include <charconv>

namespace pinfeed {

std::optional<int> cuda_index(std::string_view word) {
  constexpr std::string_view name = "cuda";
  if (!word.starts_with(name)) return std::nullopt;
  word.remove_prefix(name.size());
  if (word.empty()) return 0;
  int index = 0;
  const char* end = word.data() + word.size();
  const auto [stop, fault] = std::from_chars(word.data() + 1, end, index);
  const bool whole = word.front() == ':' && fault == std::errc() && stop == end && index >= 0;
  return whole ? std::optional(index) : std::nullopt;
}

}  // namespace pinfeed
