// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/report/html_text.h"

#include <fmt/format.h>

#include <cmath>

#include "pinfeed/core/utf8.h"

namespace pinfeed {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

std::string html_character(std::string_view character) {
  switch (character[0]) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    case '\n':
    case '\t': return std::string(character);
    default: break;
  }
  const auto code = static_cast<unsigned char>(character[0]);
  return code < 0x20 || code == 0x7F ? " " : std::string(character);
}

}  // namespace

std::string html_text(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t width = utf8_width(text);
    safe += width == 0 ? std::string(replacement) : html_character(text.substr(0, width));
    text.remove_prefix(width == 0 ? 1 : width);
  }
  return safe;
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const bool present = i + k < bytes.size();
      group = group << 8U | (present ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      const bool padding = i + k > bytes.size();
      text += padding ? '=' : digits[group >> (18 - 6 * k) & 63U];
    }
  }
  return text;
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = text.size(); at > first + 3;) text.insert(at -= 3, ",");
  return text;
}

std::string decimal_text(double value) {
  return std::isfinite(value) ? fmt::format("{:.3f}", value) : "\u2013";
}

}  // namespace pinfeed
