// SPDX-License-Identifier: Apache-2.0
// The kernels of warp_kernels.h one pixel at a time.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>

#include "pinfeed/image/resample/warp_kernels.h"

namespace pinfeed::image::one_by_one {

inline std::int32_t rounded(double value) {
  const double max = std::numeric_limits<std::int32_t>::max();
  const double min = std::numeric_limits<std::int32_t>::min();
  return static_cast<std::int32_t>(std::nearbyint(std::clamp(value, min, max)));
}

inline void warp_coordinates(const WarpLine& line, std::size_t first, std::size_t end,
                             std::int32_t* x, std::int32_t* y) {
  for (std::size_t i = first; i < end; ++i) {
    const auto coordinate = [&](std::size_t axis) {
      return line.start[axis] + line.step[axis] * static_cast<double>(i);
    };
    const double depth = coordinate(2);
    const double scale = depth != 0.0 ? warp_steps / depth : 0.0;
    x[i] = rounded(coordinate(0) * scale);
    y[i] = rounded(coordinate(1) * scale);
  }
}

inline void warp_pixels(const std::uint8_t* in, std::int32_t row_bytes, const std::int32_t* x,
                        const std::int32_t* y, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = 0; i < count; ++i, to += 3) {
    const std::uint8_t* upper = in + std::ptrdiff_t{y[i] >> 5} * row_bytes + (x[i] >> 5) * 3;
    const std::uint8_t* lower = upper + row_bytes;
    const int right = x[i] & (warp_steps - 1);
    const int down = y[i] & (warp_steps - 1);
    for (int c = 0; c < 3; ++c) {
      const int above = upper[c] * (warp_steps - right) + upper[c + 3] * right;
      const int below = lower[c] * (warp_steps - right) + lower[c + 3] * right;
      const int sum = above * (warp_steps - down) + below * down + warp_steps * warp_steps / 2;
      to[c] = static_cast<std::uint8_t>(sum >> 10);
    }
  }
}

}  // namespace pinfeed::image::one_by_one
