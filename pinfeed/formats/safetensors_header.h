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

/// Parses the JSON text of a header, of a file with `data_bytes` after it. Afterwards every tensor
/// lies inside the data, has as many bytes as its shape and dtype need, and shares none with
/// another. Throws Error(data).
SafetensorsHeader parse_safetensors_header(std::string_view text, std::size_t data_bytes);

/// The dtype of the format's name, or empty.
std::optional<DType> safetensors_dtype(std::string_view name);

}  // namespace pinfeed
