// SPDX-License-Identifier: Apache-2.0
// The inner loops of a warp, for the widest vectors of the processor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pinfeed::image {

constexpr int warp_steps = 32;  // coordinates are in 1/32 pixels

/// The source coordinates of a range of pixels of one row: x, y and depth of the first pixel, and
/// what each pixel adds.
struct WarpLine {
  std::array<double, 3> start = {};
  std::array<double, 3> step = {};
};

/// Computes the coordinates of `count` pixels in 1/32 pixels, rounded half to even.
void warp_coordinates(const WarpLine& line, std::size_t count, std::int32_t* x, std::int32_t* y);

/// Values after the last coordinate that warp_pixels() may read.
constexpr std::size_t warp_padding = 16;

/// Computes pixels of 3 bytes, each from the four around its coordinate. `in` is pixel (0, 0); rows
/// are `row_bytes` apart; the image has less than 2 GiB. All four pixels must be inside the image,
/// followed by two readable bytes.
void warp_pixels(const std::uint8_t* in, std::int32_t row_bytes, const std::int32_t* x,
                 const std::int32_t* y, std::size_t count, std::uint8_t* to);

}  // namespace pinfeed::image
