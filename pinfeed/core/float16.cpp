// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/float16.h"

#include <bit>
#include <cmath>
#include <limits>

namespace pinfeed {

double from_half(std::uint16_t bits) {
  const int exponent = bits >> 10U & 0x1FU;
  const int mantissa = bits & 0x3FFU;
  double size =
      exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(mantissa + 1024, exponent - 25);
  if (exponent == 31) {
    size = mantissa == 0 ? std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  return (bits & 0x8000U) != 0 ? -size : size;
}

std::uint16_t to_half(double number) {
  const std::uint16_t sign = std::signbit(number) ? 0x8000U : 0U;
  const double size = std::fabs(number);
  if (std::isnan(number)) return static_cast<std::uint16_t>(sign | 0x7E00U);
  if (size >= 65520.0) return static_cast<std::uint16_t>(sign | 0x7C00U);
  // Steps of 2^-24 below 2^-14, of 2^(e-10) from 2^e on; a carry runs into the exponent by itself.
  const int exponent = size < std::ldexp(1.0, -14) ? -15 : std::ilogb(size);
  const double steps = std::nearbyint(std::ldexp(size, exponent == -15 ? 24 : 10 - exponent));
  const int above = exponent == -15 ? 0 : (exponent + 14) * 1024;
  return static_cast<std::uint16_t>(sign | static_cast<unsigned>(above + static_cast<int>(steps)));
}

double from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16U);
}

std::uint16_t to_bfloat16(double number) {
  const auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(number));
  if (std::isnan(number)) return 0x7FC0U;
  const std::uint32_t half_to_even = 0x7FFFU + (bits >> 16U & 1U);
  return static_cast<std::uint16_t>((bits + half_to_even) >> 16U);
}

}  // namespace pinfeed
