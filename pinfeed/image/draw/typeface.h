// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace pinfeed::image {

constexpr int glyph_width = 5;
constexpr int glyph_height = 9;  // 7 rows above the base line and 2 for descenders

/// Columns from left to right; bit 0 is the top pixel.
using Glyph = std::array<std::uint16_t, glyph_width>;

/// The glyph of a character; a box if it is not printable ASCII.
const Glyph& glyph_of(char character);

}  // namespace pinfeed::image
