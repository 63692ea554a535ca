// SPDX-License-Identifier: Apache-2.0
// The inner loops of a warp, for the widest vectors that the processor has.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pinfeed::image {

constexpr int warp_steps = 32;  // of a pixel, in which places are known

/// Where a stretch of pixels of the result lies in the source: x, y and depth of the first, and
/// what each pixel adds.
struct WarpLine {
  std::array<double, 3> start = {};
  std::array<double, 3> step = {};
};

/// The places of `count` pixels, in 1/32 pixels, rounded half to even.
void warp_places(const WarpLine& line, std::size_t count, std::int32_t* x, std::int32_t* y);

constexpr std::size_t warp_slack = 16;

/// Pixels of 3 bytes, each mixed from the four around its place. `in` is pixel (0, 0), rows are
/// `row_bytes` apart, and it has less than 2 GiB. All of the four, and two bytes after them, must
/// be there; x and y may be read up to `warp_slack` values after the last.
void warp_pixels(const std::uint8_t* in, std::int32_t row_bytes, const std::int32_t* x,
                 const std::int32_t* y, std::size_t count, std::uint8_t* to);

}  // namespace pinfeed::image
