// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// One tensor of a safetensors header: its bytes are [begin, end) after the header.
struct SafetensorsEntry {
  std::string name = {};
  DType dtype = DType::uint8;
  Shape shape = {};
  std::size_t begin = 0;
  std::size_t end = 0;
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries = {};
  std::vector<std::pair<std::string, std::string>> metadata = {};
};

/// Parses the JSON text of a header that `data_bytes` follow. Each tensor of the result is inside
/// the data, has the size of its shape and dtype, and overlaps no other. Throws Error(data).
SafetensorsHeader parse_safetensors_header(std::string_view text, std::size_t data_bytes);

/// The dtype of a name of the format. No value for other names.
std::optional<DType> safetensors_dtype(std::string_view name);

}  // namespace pinfeed
