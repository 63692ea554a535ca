// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pinfeed/core/error.h"

namespace pinfeed::python {

/// For results that may not fit 64 bits.
__extension__ using Int128 = __int128;

/// A number literal as read, or why it is none.
struct NumberLiteral {
  bool is_real = false;
  std::uint64_t magnitude = 0;  // the largest number where it does not fit 64 bits
  double real = 0.0;
  std::string problem = {};  // the text of the error; empty: none
  std::string help = {};     // its help line; may be empty
};

/// Reads "12", "1_000", "0x1F", "0o17", "0b11", "1e-3", ".5" and "5."
NumberLiteral parse_number_literal(std::string_view word);

/// "the integer 12", for messages; a very long one is shortened.
std::string integer_text(std::string_view digits);
/// The error of an integer beyond 64 bits, without a span: "the integer 2 ** 64 does not fit 64
/// bits", where `what` is "the integer 2 ** 64".
Error integer_overflow(const std::string& what);

/// The double of a decimal text of digits, point and exponent; infinity when it is too large.
double parse_real(std::string_view digits);

}  // namespace pinfeed::python
