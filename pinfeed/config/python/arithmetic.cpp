// SPDX-License-Identifier: Apache-2.0
// Numbers. Source of the rules: the Python language reference, 6.5 to 6.9.
#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/operators.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

__extension__ using UnsignedInt128 = unsigned __int128;

std::string decimal(Int128 value) {
  UnsignedInt128 rest =
      value < 0 ? -static_cast<UnsignedInt128>(value) : static_cast<UnsignedInt128>(value);
  std::string digits;
  do digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
  while ((rest /= 10) != 0);
  return (value < 0 ? "-" : "") + digits;
}

std::int64_t narrowed(Int128 value) {
  const auto narrow = static_cast<std::int64_t>(value);
  if (narrow != value) throw integer_overflow("the integer " + decimal(value));
  return narrow;
}

std::int64_t floor_divided(std::int64_t a, std::int64_t b) {
  const Int128 quotient = Int128{a} / b;
  const bool below = (Int128{a} % b != 0) && ((a < 0) != (b < 0));
  return narrowed(below ? quotient - 1 : quotient);
}

std::int64_t remainder(std::int64_t a, std::int64_t b) {
  if (b == -1) return 0;  // the smallest integer has no quotient there
  const std::int64_t rest = a % b;
  return rest != 0 && ((rest < 0) != (b < 0)) ? rest + b : rest;
}

// Correctly rounded, also where an operand has more than 53 bits.
double divided(std::int64_t a, std::int64_t b) {
  constexpr std::int64_t exact = std::int64_t{1} << 53;
  if (a >= -exact && a <= exact && b >= -exact && b <= exact) {
    return static_cast<double>(a) / static_cast<double>(b);
  }
  if (a == 0) return b < 0 ? -0.0 : 0.0;
  const auto magnitude = [](std::int64_t value) {
    return value < 0 ? ~static_cast<std::uint64_t>(value) + 1 : static_cast<std::uint64_t>(value);
  };
  int shift = std::countl_zero(magnitude(a)) + 62;
  const UnsignedInt128 scaled = static_cast<UnsignedInt128>(magnitude(a)) << shift;
  UnsignedInt128 quotient = scaled / magnitude(b);
  bool inexact = scaled % magnitude(b) != 0;
  for (; (quotient >> 62) != 0; quotient >>= 1, --shift) inexact = inexact || (quotient & 1) != 0;
  const auto bits = static_cast<std::uint64_t>(quotient) | (inexact ? 1U : 0U);
  const double result = std::ldexp(static_cast<double>(bits), -shift);
  return (a < 0) != (b < 0) ? -result : result;
}

std::int64_t int_power(std::int64_t base, std::int64_t exponent) {
  const bool small = base >= -1 && base <= 1;
  if (small) return base == -1 ? (exponent % 2 == 0 ? 1 : -1) : (exponent == 0 ? 1 : base);
  Int128 result = 1;
  for (std::int64_t i = 0; i < exponent; ++i) {
    result *= base;
    if (static_cast<std::int64_t>(result) == result) continue;
    throw integer_overflow(fmt::format("the integer {} ** {}", base, exponent));
  }
  return static_cast<std::int64_t>(result);
}

std::string power_text(double base, double exponent) {
  return fmt::format("{} ** {}", python_text(base), python_text(exponent));
}

double real_power(double base, double exponent) {
  if (base == 0.0 && exponent < 0.0) {
    throw Error(ErrorKind::config, "0.0 cannot be raised to a negative power");
  }
  const double result = std::pow(base, exponent);
  if (std::isnan(result) && !std::isnan(base) && !std::isnan(exponent)) {
    throw Error(ErrorKind::config, power_text(base, exponent) + " is a complex number")
        .help("numbers are int or float");
  }
  if (std::isinf(result) && std::isfinite(base) && std::isfinite(exponent)) {
    throw Error(ErrorKind::config, power_text(base, exponent) + " is too large")
        .help("the largest float is 1.8e308");
  }
  return result;
}

void check_shift(std::int64_t count) {
  if (count >= 0) return;
  throw Error(ErrorKind::config, fmt::format("negative shift count {}", count))
      .help("shift by 0 or more");
}

std::int64_t shifted_left(std::int64_t a, std::int64_t count) {
  check_shift(count);
  if (a == 0) return 0;
  if (count >= 64) throw integer_overflow(fmt::format("the integer {} << {}", a, count));
  return narrowed(Int128{a} * (Int128{1} << count));
}

std::int64_t shifted_right(std::int64_t a, std::int64_t count) {
  check_shift(count);
  return a >> std::min<std::int64_t>(count, 63);
}

double real_remainder(double a, double b) {
  const double rest = std::fmod(a, b);
  if (rest == 0.0) return std::copysign(0.0, b);
  return (b < 0.0) != (rest < 0.0) ? rest + b : rest;
}

double real_floor_divided(double a, double b) {
  const double rest = std::fmod(a, b);
  double quotient = (a - rest) / b;
  if (rest != 0.0 && (b < 0.0) != (rest < 0.0)) quotient -= 1.0;
  if (quotient == 0.0) return std::copysign(0.0, a / b);
  const double floored = std::floor(quotient);
  return quotient - floored > 0.5 ? floored + 1.0 : floored;
}

Number of_ints(Operator op, std::int64_t a, std::int64_t b) {
  switch (op) {
    case Operator::add: return narrowed(Int128{a} + b);
    case Operator::subtract: return narrowed(Int128{a} - b);
    case Operator::multiply: return narrowed(Int128{a} * b);
    case Operator::divide: return divided(a, b);
    case Operator::floor_divide: return floor_divided(a, b);
    case Operator::modulo: return remainder(a, b);
    case Operator::power:
      if (b >= 0) return int_power(a, b);
      return real_power(static_cast<double>(a), static_cast<double>(b));
    case Operator::shift_left: return shifted_left(a, b);
    case Operator::shift_right: return shifted_right(a, b);
    case Operator::bit_and: return a & b;
    case Operator::bit_or: return a | b;
    case Operator::bit_xor: return a ^ b;
  }
  return a;
}

double of_reals(Operator op, double a, double b) {
  switch (op) {
    case Operator::add: return a + b;
    case Operator::subtract: return a - b;
    case Operator::multiply: return a * b;
    case Operator::divide: return a / b;
    case Operator::floor_divide: return real_floor_divided(a, b);
    case Operator::modulo: return real_remainder(a, b);
    default: return real_power(a, b);
  }
}

double real(Number number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

}  // namespace

Number calculate(Operator op, Number a, Number b) {
  const bool divides =
      op == Operator::divide || op == Operator::floor_divide || op == Operator::modulo;
  if (divides && real(b) == 0.0) {
    throw Error(ErrorKind::config, fmt::format("division by zero in '{}'", operator_text(op)))
        .help("divide by another number");
  }
  const auto* left = std::get_if<std::int64_t>(&a);
  const auto* right = std::get_if<std::int64_t>(&b);
  if (left != nullptr && right != nullptr) return of_ints(op, *left, *right);
  return of_reals(op, real(a), real(b));
}

}  // namespace pinfeed::python
