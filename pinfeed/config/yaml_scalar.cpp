// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the tags of YAML 1.1 (yaml.org/type) as PyYAML resolves them.
#include "pinfeed/config/yaml_scalar.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <string>

namespace pinfeed {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// In the three spellings that YAML knows: yes, Yes, YES.
bool is_word(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  const auto upper_of = [](char c) { return static_cast<char>(c - 'a' + 'A'); };
  std::string capital(lower);
  std::string upper(lower);
  std::transform(upper.begin(), upper.end(), upper.begin(), upper_of);
  capital[0] = upper[0];
  return text == lower || text == capital || text == upper;
}

bool is_any(std::string_view text, const std::array<std::string_view, 3>& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](std::string_view word) { return is_word(text, word); });
}

// Takes a sign off; true at a minus.
bool take_sign(std::string_view& text) {
  const bool minus = text.starts_with('-');
  if (minus || text.starts_with('+')) text.remove_prefix(1);
  return minus;
}

std::string without_underscores(std::string_view text) {
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  return plain;
}

struct Integer {
  std::string digits = {};
  int base = 10;
};

bool all_of(std::string_view text, std::string_view allowed) {
  return text.find_first_not_of(allowed) == std::string_view::npos;
}

// The digits of 12_000, 0x1F, 0b101 or 017 (octal), without a sign.
std::optional<Integer> integer_of(std::string_view text) {
  if (text == "0") return Integer{"0"};
  if (text.starts_with("0b") && text.size() > 2 && all_of(text.substr(2), "01_"))
    return Integer{without_underscores(text.substr(2)), 2};
  if (text.starts_with("0x") && text.size() > 2 &&
      all_of(text.substr(2), "0123456789abcdefABCDEF_"))
    return Integer{without_underscores(text.substr(2)), 16};
  if (text.starts_with('0') && all_of(text.substr(1), "01234567_"))
    return Integer{without_underscores(text.substr(1)), 8};
  const bool plain = !text.empty() && text[0] >= '1' && text[0] <= '9';
  if (plain && all_of(text, "0123456789_")) return Integer{without_underscores(text)};
  return std::nullopt;
}

// 1:30 is ninety: base sixty, the parts behind the first below 60.
std::optional<Integer> sexagesimal_of(std::string_view text) {
  std::int64_t total = 0;
  bool first = true;
  while (true) {
    const std::string part = without_underscores(text.substr(0, text.find(':')));
    const bool fits = !part.empty() && part.size() <= (first ? 9 : 2) && all_of(part, "0123456789");
    if (!fits || (first && part[0] == '0')) return std::nullopt;
    const int number = std::stoi(part);
    if (!first && number > 59) return std::nullopt;
    if (total > std::numeric_limits<std::int64_t>::max() / 60 - 60) return std::nullopt;
    total = total * 60 + number;
    if (text.find(':') == std::string_view::npos) break;
    text.remove_prefix(text.find(':') + 1);
    first = false;
  }
  return first ? std::nullopt : std::optional(Integer{std::to_string(total)});
}

// 1.5, .5, 1.5e-3: a point is needed, and an exponent has a sign.
bool is_float(std::string_view text) {
  std::size_t at = 0;
  const auto skip_digits = [&] {
    const std::size_t from = at;
    while (at < text.size() && (is_digit(text[at]) || (at > from && text[at] == '_'))) ++at;
    return at > from;
  };
  const bool whole = skip_digits();
  if (at == text.size() || text[at] != '.') return false;
  ++at;
  if (!skip_digits() && !whole) return false;
  if (at < text.size() && (text[at] | 0x20) == 'e') {
    ++at;
    if (at == text.size() || (text[at] != '+' && text[at] != '-')) return false;
    ++at;
    if (!skip_digits()) return false;
  }
  return at == text.size();
}

double float_of(std::string_view text) {
  const std::string plain = without_underscores(text);
  double number = 0.0;
  const auto [stop, fault] = std::from_chars(plain.data(), plain.data() + plain.size(), number);
  if (fault != std::errc::result_out_of_range) return number;
  const bool tiny = plain.find("e-") != std::string::npos || plain.find("E-") != std::string::npos;
  return tiny ? 0.0 : std::numeric_limits<double>::infinity();
}

std::optional<Value> signed_integer(const Integer& integer, bool minus) {
  const std::string text = (minus ? "-" : "") + integer.digits;
  std::int64_t number = 0;
  const auto [stop, fault] =
      std::from_chars(text.data(), text.data() + text.size(), number, integer.base);
  if (fault != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return Value(number);
}

}  // namespace

std::optional<Value> yaml_scalar(std::string_view text) {
  if (text.empty() || text == "~" || is_word(text, "null")) return Value();
  if (is_any(text, {"yes", "true", "on"})) return Value(true);
  if (is_any(text, {"no", "false", "off"})) return Value(false);
  std::string_view number = text;
  const bool minus = take_sign(number);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  if (number.starts_with('.') && is_word(number.substr(1), "inf")) {
    return Value(minus ? -infinity : infinity);
  }
  if (text == ".nan" || text == ".NaN" || text == ".NAN") {
    return Value(std::numeric_limits<double>::quiet_NaN());
  }
  if (const auto integer = integer_of(number)) return signed_integer(*integer, minus);
  if (const auto integer = sexagesimal_of(number)) return signed_integer(*integer, minus);
  if (is_float(number)) return Value(minus ? -float_of(number) : float_of(number));
  return Value(std::string(text));
}

}  // namespace pinfeed
