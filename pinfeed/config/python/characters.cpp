// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/characters.h"

#include <algorithm>
#include <initializer_list>

namespace pinfeed::python {
namespace {

// Bytes of the character that `lead` starts; 0 when it starts none.
std::size_t width_of(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead < 0xE0) return 2;
  if (lead >= 0xE0 && lead < 0xF0) return 3;
  return lead >= 0xF0 && lead < 0xF5 ? 4 : 0;
}

bool well_formed(std::string_view bytes) {
  if (!std::all_of(bytes.begin() + 1, bytes.end(), is_continuation)) return false;
  const std::uint32_t code = first_code_point(bytes);
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  const bool overlong =
      (bytes.size() == 3 && code < 0x800) || (bytes.size() == 4 && code < 0x10000);
  return !surrogate && !overlong && code <= 0x10FFFF;
}

}  // namespace

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

std::uint32_t first_code_point(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<std::uint32_t>(text[i]) & 0x3F : 0U;
  };
  const auto lead = static_cast<std::uint32_t>(static_cast<unsigned char>(text[0]));
  if (lead < 0x80) return lead;
  if (lead < 0xE0) return ((lead & 0x1F) << 6) | byte(1);
  if (lead < 0xF0) return ((lead & 0x0F) << 12) | (byte(1) << 6) | byte(2);
  return ((lead & 0x07) << 18) | (byte(1) << 12) | (byte(2) << 6) | byte(3);
}

std::size_t invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    if (static_cast<unsigned char>(text[at]) < 0x80) {
      ++at;
      continue;
    }
    const std::size_t width = width_of(static_cast<unsigned char>(text[at]));
    if (width == 0 || at + width > text.size()) return at;
    if (width > 1 && !well_formed(text.substr(at, width))) return at;
    at += width;
  }
  return std::string_view::npos;
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
