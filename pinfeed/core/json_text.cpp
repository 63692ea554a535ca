// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/json_text.h"

#include <fmt/format.h>

#include <cmath>

#include "pinfeed/core/utf8.h"

namespace pinfeed {
namespace {

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
    const std::size_t length = utf8_width(text);
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
