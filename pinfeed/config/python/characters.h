// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "pinfeed/core/utf8.h"

namespace pinfeed::python {

inline bool is_digit(char c) { return c >= '0' && c <= '9'; }
/// A character that a name may start with; letters beyond ASCII included.
inline bool starts_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
inline bool continues_name(char c) { return starts_name(c) || is_digit(c); }

/// -1 when `c` is no hexadecimal digit.
int hex_digit(char c);
/// Appends the code point in UTF-8.
void append_utf8(std::string& text, std::uint32_t code_point);
/// Number of code points of valid UTF-8.
int count_characters(std::string_view text);
/// True for characters that look like blanks or quotes but are none to Python.
bool is_lookalike(std::uint32_t code_point);

}  // namespace pinfeed::python
