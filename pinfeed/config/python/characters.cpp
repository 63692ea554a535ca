// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/characters.h"

#include <algorithm>

namespace pinfeed::python {
int hex_digit(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

void append_utf8(std::string& text, std::uint32_t code_point) {
  const auto tail = [&](int shift) {
    text += static_cast<char>(0x80 | ((code_point >> shift) & 0x3F));
  };
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xC0 | (code_point >> 6));
    tail(0);
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xE0 | (code_point >> 12));
    tail(6);
    tail(0);
  } else {
    text += static_cast<char>(0xF0 | (code_point >> 18));
    tail(12);
    tail(6);
    tail(0);
  }
}

int count_characters(std::string_view text) {
  return static_cast<int>(
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

bool is_lookalike(std::uint32_t code_point) {
  const auto in = [code_point](std::uint32_t low, std::uint32_t high) {
    return code_point >= low && code_point <= high;
  };
  const bool letter = code_point == 0xAA || code_point == 0xB5 || code_point == 0xBA;
  return (in(0x80, 0xBF) && !letter) || code_point == 0xD7 || code_point == 0xF7 ||
         in(0x2000, 0x206F) || in(0x2190, 0x2BFF) || in(0x3000, 0x3004) || in(0x3008, 0x3020) ||
         in(0xFF00, 0xFF0F) || in(0xFF1A, 0xFF20) || code_point == 0xFEFF || code_point == 0xFFFD ||
         in(0x1F000, 0x1FAFF);
}

}  // namespace pinfeed::python
