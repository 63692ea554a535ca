// SPDX-License-Identifier: Apache-2.0
// The inner loops of Pillow's filters, for the widest vectors of the processor. They use only
// integers, so the result does not depend on the vector width.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pinfeed::image {

constexpr int filter_bits = 32 - 8 - 2;

/// One output position: the sum of `count` neighbours from `first` on, with weights in 1/2^22.
struct FilterTap {
  std::int32_t first = 0;
  std::int32_t count = 0;
  const std::int32_t* weights = nullptr;
};

/// Interleaves four rows of pixels of 3 bytes: 16 bytes per column, four per row, of which the
/// fourth is unspecified.
void join_rows(const std::array<const std::uint8_t*, 4>& rows, std::size_t width, std::uint8_t* to);

/// Filters four joined rows horizontally and writes four rows of pixels of 3 bytes. An odd number
/// of weights must be followed by a 0, and the last column by 16 readable bytes.
void filter_rows(const std::uint8_t* joined, std::span<const FilterTap> taps,
                 const std::array<std::uint8_t*, 4>& to);

/// Filters vertically: one row of `values` bytes from the tap's rows, the first of which is `from`.
void filter_columns(const std::uint8_t* from, std::ptrdiff_t from_row, const FilterTap& tap,
                    std::size_t values, std::uint8_t* to);

}  // namespace pinfeed::image
