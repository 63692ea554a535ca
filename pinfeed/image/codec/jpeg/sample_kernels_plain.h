// SPDX-License-Identifier: Apache-2.0
// The kernels of sample_kernels.h one value at a time, from value `first` on.
#pragma once

#include <algorithm>

#include "pinfeed/image/codec/jpeg/sample_kernels.h"

namespace pinfeed::image::jpeg::one_by_one {

/// Output columns 2 i and 2 i + 1.
inline void smooth_column(const SampleRow& row, std::size_t i, std::uint8_t* to) {
  const std::uint8_t* from = row.samples + i;
  const unsigned left = i == 0 && row.begins ? from[0] : from[-1];
  const unsigned right = i + 1 == row.count && row.ends ? from[0] : from[1];
  to[2 * i] = static_cast<std::uint8_t>((3U * from[0] + left + 1) >> 2U);
  to[2 * i + 1] = static_cast<std::uint8_t>((3U * from[0] + right + 2) >> 2U);
}

/// sums[i + 1] for i from `first` on.
inline void add_rows(const std::uint8_t* near, const std::uint8_t* far, std::size_t first,
                     std::size_t count, std::uint16_t* sums) {
  for (std::size_t i = first; i < count; ++i)
    sums[i + 1] = static_cast<std::uint16_t>(3U * near[i] + far[i]);
}

/// The sums before the first and behind the last.
inline void add_edges(const SampleRow& near, const std::uint8_t* far, std::uint16_t* sums) {
  const auto sum = [&](std::ptrdiff_t i) {
    return static_cast<std::uint16_t>(3U * near.samples[i] + far[i]);
  };
  const auto count = static_cast<std::ptrdiff_t>(near.count);
  sums[0] = near.begins ? sums[1] : sum(-1);
  sums[near.count + 1] = near.ends ? sums[near.count] : sum(count);
}

inline void smooth_sums(const std::uint16_t* sums, std::size_t first, std::size_t count,
                        std::uint8_t* to) {
  for (std::size_t i = first; i < count; ++i) {
    const unsigned three = 3U * sums[i + 1];
    to[2 * i] = static_cast<std::uint8_t>((three + sums[i] + 8) >> 4U);
    to[2 * i + 1] = static_cast<std::uint8_t>((three + sums[i + 2] + 7) >> 4U);
  }
}

inline void smooth_rows(const std::uint8_t* near, const std::uint8_t* far, unsigned bias,
                        std::size_t first, std::size_t count, std::uint8_t* to) {
  for (std::size_t i = first; i < count; ++i)
    to[i] = static_cast<std::uint8_t>((3U * near[i] + far[i] + bias) >> 2U);
}

inline std::uint8_t limited(int value) {
  return static_cast<std::uint8_t>(std::clamp(value, 0, 255));
}

inline void from_ycc(const std::array<const std::uint8_t*, 3>& planes, std::size_t first,
                     std::size_t count, bool rgb, std::uint8_t* to) {
  constexpr int half = 1 << 15;
  for (std::size_t i = first; i < count; ++i) {
    const int y = planes[0][i];
    const int cb = planes[1][i] - 128;
    const int cr = planes[2][i] - 128;
    const std::uint8_t red = limited(y + ((91881 * cr + half) >> 16));
    const std::uint8_t blue = limited(y + ((116130 * cb + half) >> 16));
    to[3 * i] = rgb ? red : blue;
    to[3 * i + 1] = limited(y + ((-22554 * cb - 46802 * cr + half) >> 16));
    to[3 * i + 2] = rgb ? blue : red;
  }
}

inline void interleave(const std::array<const std::uint8_t*, 3>& planes, std::size_t first,
                       std::size_t count, std::uint8_t* to) {
  for (std::size_t i = first; i < count; ++i) {
    for (std::size_t c = 0; c < 3; ++c) to[3 * i + c] = planes[c][i];
  }
}

}  // namespace pinfeed::image::jpeg::one_by_one
