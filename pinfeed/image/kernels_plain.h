// SPDX-License-Identifier: Apache-2.0
// The kernels one value at a time: for the ends of rows, and for processors whose vectors cannot
// shuffle bytes.
#pragma once

#include <algorithm>

#include "pinfeed/image/kernels.h"

namespace pinfeed::image::one_by_one {

inline int byte_of_window(const MixTable& table, std::size_t block, int place,
                          const std::uint8_t* row) {
  const bool upper = !table.second.empty() && place >= 8;
  return row[upper ? table.second[block] + place - 8 : table.first[block] + place];
}

inline void mix_sideways(const MixTable& table, const std::uint8_t* row, std::int16_t* to) {
  for (std::size_t i = 0; i < table.blocks.size(); ++i, to += table.values_per_block) {
    const MixBlock& block = table.blocks[i];
    for (std::size_t lane = 0; lane < 8; ++lane) {
      const bool used = block.near[2 * lane] < 16;
      const int near = used ? byte_of_window(table, i, block.near[2 * lane], row) : 0;
      const int far = used ? byte_of_window(table, i, block.far[2 * lane], row) : 0;
      to[lane] =
          static_cast<std::int16_t>(near * 128 + (((near - far) * 128 * block.weight[lane]) >> 16));
    }
  }
}

inline void mix_rows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
                     std::uint8_t* to, std::size_t values) {
  for (std::size_t i = 0; i < values; ++i) {
    const int sum = ((top[i] * weights.top) >> 16) + ((bottom[i] * weights.bottom) >> 16) + 2;
    to[i] = static_cast<std::uint8_t>(std::clamp(sum >> 2, 0, 255));
  }
}

inline void mean_of_rows(const std::int16_t* top, const std::int16_t* bottom, std::uint8_t* to,
                         std::size_t values) {
  for (std::size_t i = 0; i < values; ++i)
    to[i] = static_cast<std::uint8_t>((top[i] + bottom[i] + 128) >> 8);
}

inline void reverse_pixels(const std::uint8_t* from, std::uint8_t* to, std::size_t width) {
  for (std::size_t left = width; left > 0; --left, to += 3)
    std::copy_n(from + 3 * (left - 1), 3, to);
}

inline void swap_channels(std::uint8_t* row, std::size_t width) {
  for (std::size_t x = 0; x < width; ++x, row += 3) std::swap(row[0], row[2]);
}

inline void bytes_to_floats(const std::uint8_t* from, float* to, std::size_t values) {
  std::transform(from, from + values, to,
                 [](std::uint8_t value) { return static_cast<float>(value); });
}

/// The first value is of the first channel.
inline void normalize_bytes(const std::uint8_t* from, const ChannelRule& rule, float* to,
                            std::size_t values) {
  for (std::size_t i = 0; i < values; ++i) {
    const float centred = static_cast<float>(from[i]) - rule.mean[i % 3];
    to[i] = static_cast<float>(static_cast<double>(centred) * rule.scale[i % 3]);
  }
}

}  // namespace pinfeed::image::one_by_one
