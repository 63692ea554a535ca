// SPDX-License-Identifier: Apache-2.0
// The inner loops of Pillow's filters, for the widest vectors that the processor has. Integers
// only: the result does not depend on the width.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace pinfeed::image {

constexpr int filter_bits = 32 - 8 - 2;

/// One output position: `count` neighbours from `first` on, each with its weight in 1/2^22.
struct FilterTap {
  std::int32_t first = 0;
  std::int32_t count = 0;
  const std::int32_t* weights = nullptr;
};

/// Four rows of pixels of 3 bytes as one: 16 bytes for each column, four of each row, the fourth
/// of which means nothing.
void join_rows(const std::array<const std::uint8_t*, 4>& rows, std::size_t width, std::uint8_t* to);

/// Four rows that were joined, each pixel mixed from neighbours in its row, to four rows of pixels
/// of 3 bytes. Behind an odd number of weights there is a 0, and behind the last column 16 bytes
/// that may be read.
void filter_rows(const std::uint8_t* joined, std::span<const FilterTap> taps,
                 const std::array<std::uint8_t*, 4>& to);

/// A row of `values` bytes, mixed from the tap's rows, the first of which is `from`.
void filter_columns(const std::uint8_t* from, std::ptrdiff_t from_row, const FilterTap& tap,
                    std::size_t values, std::uint8_t* to);

}  // namespace pinfeed::image
