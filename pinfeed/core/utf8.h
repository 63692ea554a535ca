// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace pinfeed {

inline bool is_continuation(char c) { return (c & 0xC0) == 0x80; }
/// The code point at the start of `text`, which is valid UTF-8 and not empty.
std::uint32_t first_code_point(std::string_view text);
/// Byte offset of the first byte that is no UTF-8, or npos.
std::size_t invalid_utf8(std::string_view text);

}  // namespace pinfeed
