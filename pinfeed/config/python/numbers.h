// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pinfeed::python {

/// A number literal as read, or why it is none.
struct ReadNumber {
  bool is_real = false;
  std::uint64_t magnitude = 0;  // the largest number where it does not fit 64 bits
  double real = 0.0;
  std::string problem = {};
};

/// Reads "12", "1_000", "0x1F", "0o17", "0b11", "1e-3", ".5" and "5."
ReadNumber read_number(std::string_view word);

/// The error's words for an integer beyond 64 bits; a very long one is shortened.
std::string too_large_text(std::string_view digits);

/// The double of a decimal text of digits, point and exponent; infinity when it is too large.
double read_real(std::string_view digits);

}  // namespace pinfeed::python
