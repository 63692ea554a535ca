// SPDX-License-Identifier: Apache-2.0
// The kernels of row_kernels.h one value at a time: for the ends of rows, and for processors whose
// vectors cannot shuffle bytes.
#pragma once

#include <algorithm>

#include "pinfeed/image/resample/row_kernels.h"

namespace pinfeed::image::one_by_one {

inline int byte_of_window(const MixTable& table, std::size_t block, int index,
                          const std::uint8_t* row) {
  const bool upper = !table.second.empty() && index >= 8;
  return row[upper ? table.second[block] + index - 8 : table.first[block] + index];
}

inline void mix_row_horizontally(const MixTable& table, const std::uint8_t* row, std::int16_t* to) {
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

inline void mix_horizontally(const MixTable& table, const RowGroup<const std::uint8_t>& rows,
                             const RowGroup<std::int16_t>& to) {
  for (std::size_t i = 0; i < rows.size(); ++i) mix_row_horizontally(table, rows[i], to[i]);
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
  for (std::size_t x = width; x > 0; --x, to += 3) std::copy_n(from + 3 * (x - 1), 3, to);
}

}  // namespace pinfeed::image::one_by_one
