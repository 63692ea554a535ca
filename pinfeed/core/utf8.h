// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pinfeed {

inline bool is_continuation(char c) { return (c & 0xC0) == 0x80; }
/// Bytes of the character that `text`, which is not empty, begins with; 0 if they are no UTF-8: cut
/// short, longer than needed, a surrogate, or beyond U+10FFFF.
std::size_t utf8_width(std::string_view text);
/// The code point at the start of `text`, which is valid UTF-8 and not empty.
std::uint32_t first_code_point(std::string_view text);
/// Byte offset of the first byte that is no UTF-8, or npos.
std::size_t invalid_utf8(std::string_view text);

}  // namespace pinfeed
