// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/parse_number.h"

#include <algorithm>
#include <limits>
#include <string>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/core/error.h"
#include "pinfeed/core/text.h"

namespace pinfeed {
namespace {

struct Signed {
  bool negative = false;
  std::string_view digits = {};
};

Signed split_sign(std::string_view text) {
  constexpr std::string_view blanks = " \t\n\r\f\v";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  text = text.substr(first, text.find_last_not_of(blanks) - first + 1);
  const bool sign = text.starts_with('-') || text.starts_with('+');
  return {text.starts_with('-'), text.substr(sign ? 1 : 0)};
}

bool only_digits(std::string_view text) {
  const auto fits = [](char c) { return python::is_digit(c) || c == '_'; };
  return !text.empty() && std::all_of(text.begin(), text.end(), fits) &&
         python::is_digit(text.front()) && python::is_digit(text.back()) &&
         text.find("__") == std::string_view::npos;
}

}  // namespace

// int() takes leading zeros, which a literal may not have.
std::optional<std::int64_t> parse_int(std::string_view text) {
  const Signed parts = split_sign(text);
  if (!only_digits(parts.digits)) return std::nullopt;
  const std::size_t zeros = std::min(parts.digits.find_first_not_of("0_"), parts.digits.size() - 1);
  const python::NumberLiteral number = python::parse_number_literal(parts.digits.substr(zeros));
  constexpr std::uint64_t smallest = std::uint64_t{1} << 63;
  const bool too_large =
      parts.negative ? number.magnitude > smallest : number.magnitude >= smallest;
  if (too_large) {
    throw python::integer_overflow(python::integer_text(text));
  }
  if (number.magnitude == smallest) return std::numeric_limits<std::int64_t>::min();
  const auto value = static_cast<std::int64_t>(number.magnitude);
  return parts.negative ? -value : value;
}

std::optional<double> parse_float(std::string_view text) {
  const Signed parts = split_sign(text);
  const std::string lower = lower_case(parts.digits);
  const double sign = parts.negative ? -1.0 : 1.0;
  if (lower == "inf" || lower == "infinity") return sign * std::numeric_limits<double>::infinity();
  if (lower == "nan") return std::numeric_limits<double>::quiet_NaN();
  if (lower.empty() || lower.find_first_not_of("0123456789.eE+-_") != std::string::npos)
    return std::nullopt;
  const bool whole = only_digits(lower);
  const python::NumberLiteral number = python::parse_number_literal(whole ? lower + "." : lower);
  if (!number.problem.empty() || !number.is_real) return std::nullopt;
  return sign * number.real;
}

}  // namespace pinfeed
