// SPDX-License-Identifier: Apache-2.0
// The kernels of filter_kernels.h one value at a time.
#pragma once

#include <algorithm>

#include "pinfeed/image/resample/filter_kernels.h"

namespace pinfeed::image::one_by_one {

inline std::uint8_t filtered_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> filter_bits, 0, 255));
}

constexpr std::int32_t half_of_filter = 1 << (filter_bits - 1);

/// One row, of any number of channels.
inline void filter_row(const std::uint8_t* from, std::span<const FilterTap> taps,
                       std::size_t channels, std::uint8_t* to) {
  for (const FilterTap& tap : taps) {
    const std::uint8_t* first = from + static_cast<std::size_t>(tap.first) * channels;
    for (std::size_t c = 0; c < channels; ++c) {
      std::int32_t sum = half_of_filter;
      for (std::size_t k = 0; k < static_cast<std::size_t>(tap.count); ++k) {
        sum += first[k * channels + c] * tap.weights[k];
      }
      *to++ = filtered_byte(sum);
    }
  }
}

inline void join_rows(const std::array<const std::uint8_t*, 4>& rows, std::size_t first,
                      std::size_t width, std::uint8_t* to) {
  for (std::size_t x = first; x < width; ++x) {
    for (std::size_t row = 0; row < 4; ++row) {
      std::copy_n(rows[row] + 3 * x, 3, to + 16 * x + 4 * row);
    }
  }
}

inline void filter_rows(const std::uint8_t* joined, std::span<const FilterTap> taps,
                        const std::array<std::uint8_t*, 4>& to) {
  for (std::size_t x = 0; x < taps.size(); ++x) {
    const FilterTap& tap = taps[x];
    const std::uint8_t* first = joined + std::size_t{16} * static_cast<std::size_t>(tap.first);
    for (std::size_t i = 0; i < 16; ++i) {
      std::int32_t sum = half_of_filter;
      for (std::size_t k = 0; k < static_cast<std::size_t>(tap.count); ++k) {
        sum += first[16 * k + i] * tap.weights[k];
      }
      if (i % 4 < 3) to[i / 4][3 * x + i % 4] = filtered_byte(sum);
    }
  }
}

inline void filter_columns(const std::uint8_t* from, std::ptrdiff_t from_row, const FilterTap& tap,
                           std::size_t values, std::uint8_t* to) {
  for (std::size_t i = 0; i < values; ++i) {
    std::int32_t sum = half_of_filter;
    for (int k = 0; k < tap.count; ++k) {
      sum += from[k * from_row + static_cast<std::ptrdiff_t>(i)] * tap.weights[k];
    }
    to[i] = filtered_byte(sum);
  }
}

}  // namespace pinfeed::image::one_by_one
