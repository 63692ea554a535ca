// SPDX-License-Identifier: Apache-2.0
// The kernels of tone_kernels.h one value at a time.
#pragma once

#include <algorithm>
#include <utility>

#include "pinfeed/image/color/tone_kernels.h"

namespace pinfeed::image::one_by_one {

inline void swap_channels(std::uint8_t* row, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x, row += 3) std::swap(row[0], row[2]);
}

inline void bytes_to_floats(const std::uint8_t* from, float* to, std::size_t values) {
  std::transform(from, from + values, to,
                 [](std::uint8_t value) { return static_cast<float>(value); });
}

inline float normalized(std::uint8_t value, const ChannelRule& rule, std::size_t channel) {
  const float centred = static_cast<float>(value) - rule.mean[channel];
  return static_cast<float>(static_cast<double>(centred) * rule.scale[channel]);
}

inline void normalize_bytes(const std::uint8_t* from, const ChannelRule& rule, float* to,
                            std::size_t values) {
  for (std::size_t i = 0; i < values; ++i) to[i] = normalized(from[i], rule, i % 3);
}

inline void split_channels(const std::uint8_t* from, const std::array<std::uint8_t*, 3>& planes,
                           std::size_t first, std::size_t pixels) {
  for (std::size_t i = first; i < pixels; ++i) {
    for (std::size_t c = 0; c < 3; ++c) planes[c][i] = from[3 * i + c];
  }
}

}  // namespace pinfeed::image::one_by_one
