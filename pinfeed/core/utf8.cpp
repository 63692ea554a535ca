// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/utf8.h"

#include <algorithm>

namespace pinfeed {
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

std::size_t utf8_width(std::string_view text) {
  const std::size_t width = width_of(static_cast<unsigned char>(text[0]));
  if (width < 2) return width;
  return width <= text.size() && well_formed(text.substr(0, width)) ? width : 0;
}

std::size_t invalid_utf8(std::string_view text) {
  for (std::size_t at = 0; at < text.size();) {
    const bool ascii = static_cast<unsigned char>(text[at]) < 0x80;
    const std::size_t width = ascii ? 1 : utf8_width(text.substr(at));
    if (width == 0) return at;
    at += width;
  }
  return std::string_view::npos;
}

}  // namespace pinfeed
