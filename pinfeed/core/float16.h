// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace pinfeed {

/// IEEE 754 binary16 as bits: the elements of DType::float16. Rounds to nearest, ties to even.
std::uint16_t to_half(double number);
double from_half(std::uint16_t bits);

/// The upper half of a float32 as bits: the elements of DType::bfloat16. Rounds as to_half().
std::uint16_t to_bfloat16(double number);
double from_bfloat16(std::uint16_t bits);

}  // namespace pinfeed
