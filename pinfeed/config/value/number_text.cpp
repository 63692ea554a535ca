// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/value/number_text.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

namespace pinfeed {
namespace {

// "1.5e-05" -> digits "15", exponent -5.
struct Shortest {
  std::string digits;
  int exponent;
};

Shortest shortest(double magnitude) {
  char text[40];
  const auto end =
      std::to_chars(text, text + sizeof text, magnitude, std::chars_format::scientific).ptr;
  const std::string_view all(text, static_cast<std::size_t>(end - text));
  const std::size_t e = all.find('e');
  Shortest result{std::string(1, all[0]), std::atoi(std::string(all.substr(e + 1)).c_str())};
  if (e > 2) result.digits += all.substr(2, e - 2);
  return result;
}

std::string scientific(const Shortest& number) {
  std::string text = number.digits.substr(0, 1);
  if (number.digits.size() > 1) text += "." + number.digits.substr(1);
  return text + fmt::format("e{}{:02}", number.exponent < 0 ? '-' : '+', std::abs(number.exponent));
}

std::string positional(const Shortest& number) {
  if (number.exponent < 0) {
    return "0." + std::string(static_cast<std::size_t>(-number.exponent - 1), '0') + number.digits;
  }
  const auto whole = static_cast<std::size_t>(number.exponent) + 1;
  if (number.digits.size() <= whole) {
    return number.digits + std::string(whole - number.digits.size(), '0') + ".0";
  }
  return number.digits.substr(0, whole) + "." + number.digits.substr(whole);
}

std::string escaped(char c, char quote) {
  switch (c) {
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\\': return "\\\\";
    default: break;
  }
  if (c == quote) return std::string("\\") + c;
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 || code == 0x7F ? fmt::format("\\x{:02x}", code) : std::string(1, c);
}

}  // namespace

std::string python_text(double value) {
  if (std::isnan(value)) return "nan";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (std::isinf(value)) return sign + "inf";
  if (value == 0.0) return sign + "0.0";
  const Shortest number = shortest(std::fabs(value));
  const bool plain = number.exponent >= -4 && number.exponent < 16;
  return sign + (plain ? positional(number) : scientific(number));
}

std::string python_text(std::string_view value) {
  const bool only_single =
      value.find('\'') != std::string_view::npos && value.find('"') == std::string_view::npos;
  const char quote = only_single ? '"' : '\'';
  std::string text(1, quote);
  for (const char c : value) text += escaped(c, quote);
  return text + quote;
}

}  // namespace pinfeed
