// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/json_text.h"

#include <fmt/format.h>

#include <cmath>

namespace pinfeed {
namespace {

bool continues(char c) { return (c & 0xC0) == 0x80; }

// Length of the character that `text` begins with; 0 when the bytes are not UTF-8: cut short,
// longer than needed, a surrogate, or beyond U+10FFFF.
std::size_t utf8_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if (!continues(text[i])) return 0;
  }
  const auto second = static_cast<unsigned char>(text[1]);
  const bool overlong = (first == 0xE0 && second < 0xA0) || (first == 0xF0 && second < 0x90);
  const bool outside = (first == 0xED && second >= 0xA0) || (first == 0xF4 && second >= 0x90);
  return overlong || outside ? 0 : length;
}

std::string escaped(std::string_view character) {
  switch (character[0]) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    default: break;
  }
  const auto code = static_cast<unsigned char>(character[0]);
  return code < 0x20 ? fmt::format("\\u{:04x}", code) : std::string(character);
}

}  // namespace

std::string json_string(std::string_view text) {
  std::string json = "\"";
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    json += length == 0 ? "\xEF\xBF\xBD" : escaped(text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return json + "\"";
}

std::string json_number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return fmt::format("{:.17g}", value);
}

std::string strict_json_number(double value) {
  return std::isfinite(value) ? json_number(value) : "null";
}

}  // namespace pinfeed
