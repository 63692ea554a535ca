// SPDX-License-Identifier: Apache-2.0
// The inner loops of resizing, for the widest vectors of the processor. They use only integers, so
// the result does not depend on the vector width.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// How eight neighbouring values of a row are computed from a window of 16 bytes of the input row.
/// Each is near + (far - near) x weight; `near` is the one with the larger weight.
struct alignas(16) MixBlock {
  std::array<std::uint8_t, 16> near = {};  // byte of the window for each of eight 16-bit lanes
  std::array<std::uint8_t, 16> far = {};
  std::array<std::int16_t, 8> weight = {};  // of far, in 1/2048, times -32
};

/// The blocks of a whole row. A window is 16 adjacent bytes, or two times 8 (then `second` is set).
struct MixTable {
  std::vector<MixBlock> blocks = {};
  std::vector<std::int32_t> first = {};   // offsets of the windows
  std::vector<std::int32_t> second = {};  // offsets of their upper halves, if they have two
  int values_per_block = 8;               // the lanes in use; if fewer than 8, blocks overlap
};

/// The rows that one call of mix_horizontally() handles: the table is read once for all of them.
constexpr int row_group_size = 4;
template <class T>
using RowGroup = std::array<T*, row_group_size>;

/// The horizontal pass of the uint8 rule: sums divided by 16. Writes up to 8 values after the end
/// of a row. Rows of a group may be the same.
void mix_horizontally(const MixTable& table, const RowGroup<const std::uint8_t>& rows,
                      const RowGroup<std::int16_t>& to);

/// The weights of two rows, in 1/2048.
struct RowWeights {
  std::int16_t top = 0;
  std::int16_t bottom = 0;
};

/// The vertical pass of the uint8 rule: two rows of such sums to bytes.
void mix_rows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
              std::uint8_t* to, std::size_t values);

/// The same with non-temporal stores: other threads may read the bytes after finish_streams()
/// (core/stream_copy.h).
void stream_rows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
                 std::uint8_t* to, std::size_t values);

/// The mean of four pixels, from two rows of sums whose weights were all 1/2.
void mean_of_rows(const std::int16_t* top, const std::int16_t* bottom, std::uint8_t* to,
                  std::size_t values);

/// Copies a row of pixels of 3 bytes each from right to left.
void reverse_pixels(const std::uint8_t* from, std::uint8_t* to, std::size_t width);

}  // namespace pinfeed::image
