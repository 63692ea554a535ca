// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the Python language reference, 2.4.5 and 2.4.6.
#include "pinfeed/config/python/numbers.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <optional>

#include "pinfeed/config/python/characters.h"

namespace pinfeed::python {
namespace {

NumberLiteral no_number(std::string_view word) {
  return {.problem = fmt::format("'{}' is not a number", word),
          .help = "numbers are written 12, 1_000, 0x1F, 1.5 or 1e-3"};
}

// Removes single underscores between digits; no value if there are other underscores.
std::optional<std::string> without_underscores(std::string_view word) {
  std::string digits;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '_') {
      digits += word[i];
      continue;
    }
    const bool between =
        i > 0 && i + 1 < word.size() && hex_digit(word[i - 1]) >= 0 && hex_digit(word[i + 1]) >= 0;
    if (!between) return std::nullopt;
  }
  return digits;
}

int base_of(std::string_view word) {
  if (word.size() < 2 || word[0] != '0') return 10;
  switch (word[1] | 0x20) {
    case 'x': return 16;
    case 'o': return 8;
    case 'b': return 2;
    default: return 10;
  }
}

NumberLiteral integer(std::string_view word, std::string digits, int base) {
  if (base != 10) digits = digits.substr(digits.starts_with('_') ? 1 : 0);
  const auto cleaned = without_underscores(digits);
  if (!cleaned || cleaned->empty()) return no_number(word);
  NumberLiteral number;
  const char* end = cleaned->data() + cleaned->size();
  const auto result = std::from_chars(cleaned->data(), end, number.magnitude, base);
  if (result.ptr != end) return no_number(word);
  if (result.ec == std::errc::result_out_of_range) {
    number.magnitude = std::numeric_limits<std::uint64_t>::max();
  }
  const bool zeros = cleaned->find_first_not_of('0') == std::string::npos;
  if (base == 10 && cleaned->size() > 1 && cleaned->front() == '0' && !zeros) {
    number.problem = fmt::format("the integer {} starts with 0; write 0o for octal", word);
  }
  return number;
}

bool is_real_text(std::string_view digits) {
  const auto part = [&digits](const char* stop) {
    const std::size_t length = std::min(digits.find_first_of(stop), digits.size());
    const std::string_view head = digits.substr(0, length);
    digits.remove_prefix(length);
    return head;
  };
  const auto all_digits = [](std::string_view text) {
    return std::all_of(text.begin(), text.end(), is_digit);
  };
  std::string_view whole = part(".eE");
  std::string_view fraction;
  if (digits.starts_with('.')) {
    digits.remove_prefix(1);
    fraction = part("eE");
  }
  if (!all_digits(whole) || !all_digits(fraction) || (whole.empty() && fraction.empty()))
    return false;
  if (digits.empty()) return true;
  digits.remove_prefix(1);
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  return !digits.empty() && all_digits(digits);
}

// The common case: decimal digits that fit 64 bits, without a leading zero.
bool is_plain_integer(std::string_view word) {
  constexpr std::size_t always_fit = 19;
  return word.size() <= always_fit && (word.size() == 1 || word[0] != '0') &&
         std::all_of(word.begin(), word.end(), is_digit);
}

NumberLiteral real(std::string_view word) {
  const auto digits = without_underscores(word);
  if (!digits || !is_real_text(*digits)) return no_number(word);
  return {.is_real = true, .real = parse_real(*digits)};
}

}  // namespace

std::string integer_text(std::string_view digits) {
  constexpr std::size_t longest = 50;
  if (digits.size() <= longest) return fmt::format("the integer {}", digits);
  return fmt::format("the integer {}... of {} digits", digits.substr(0, longest / 2),
                     digits.size());
}

Error integer_overflow(const std::string& what) {
  return Error(ErrorKind::config, what + " does not fit 64 bits")
      .help("write it as a float (1e30) or as a str");
}

double parse_real(std::string_view digits) {
  double value = 0.0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (result.ec != std::errc::result_out_of_range) return value;
  return std::strtod(std::string(digits).c_str(), nullptr);  // infinity or zero
}

NumberLiteral parse_number_literal(std::string_view word) {
  if (is_plain_integer(word)) {
    NumberLiteral number;
    std::from_chars(word.data(), word.data() + word.size(), number.magnitude);
    return number;
  }
  const int base = base_of(word);
  if (base != 10) return integer(word, std::string(word.substr(2)), base);
  if ((word.back() | 0x20) == 'j') {
    return {.problem = fmt::format("pinfeed does not read complex numbers such as {}", word),
            .help = "numbers are int or float"};
  }
  const bool is_real = word.find_first_of(".eE") != std::string_view::npos;
  return is_real ? real(word) : integer(word, std::string(word), 10);
}

}  // namespace pinfeed::python
