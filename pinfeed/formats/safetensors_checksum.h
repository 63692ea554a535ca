// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace pinfeed {

/// The key of the metadata that contains a file's checksum: 32 hexadecimal digits, the XXH3 of 128
/// bits of the whole file in which these digits are zeros.
constexpr std::string_view checksum_key = "xxh3_128";

/// The digits before the checksum is known.
std::string zero_checksum();

/// Where the digits are in the JSON text of a header; npos where they are not.
std::size_t checksum_position(std::string_view header);

/// Computes a checksum from the bytes of a file in their order.
class SafetensorsChecksum {
 public:
  SafetensorsChecksum();
  void add(std::span<const std::byte> bytes);
  void add(std::string_view text);
  /// The digits.
  std::string digits() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pinfeed
