// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schemas/device_name.h"

#include <charconv>

namespace pinfeed {

std::optional<int> cuda_index(std::string_view device) {
  constexpr std::string_view name = "cuda";
  if (!device.starts_with(name)) return std::nullopt;
  device.remove_prefix(name.size());
  if (device.empty()) return 0;
  int index = 0;
  const char* end = device.data() + device.size();
  const auto [stop, fault] = std::from_chars(device.data() + 1, end, index);
  const bool whole = device.front() == ':' && fault == std::errc() && stop == end && index >= 0;
  return whole ? std::optional(index) : std::nullopt;
}

}  // namespace pinfeed
