// SPDX-License-Identifier: Apache-2.0
// The inner loops, for the widest vectors that the processor has. Integers and separate
// multiplications and additions only: the result does not depend on the width.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// How eight neighbouring values of a row are mixed out of a window of 16 bytes of the row before.
/// Each is near + (far - near) x weight; `near` is the one that counts more.
struct alignas(16) MixBlock {
  std::array<std::uint8_t, 16> near = {};  // byte of the window for each of eight 16-bit lanes
  std::array<std::uint8_t, 16> far = {};
  std::array<std::int16_t, 8> weight = {};  // of far, in 1/2048, times -32
};

/// A whole row of such blocks. A window is one stretch of 16 bytes, or two of 8 (`second` is used).
struct MixTable {
  std::vector<MixBlock> blocks = {};
  std::vector<std::int32_t> first = {};   // where windows begin
  std::vector<std::int32_t> second = {};  // the upper halves, where windows have two
  int values_per_block = 8;               // the lanes in use; blocks overlap where it is less
};

/// Rows that are mixed sideways together: what the table says is read once for all of them.
constexpr int mixed_together = 4;
template <class T>
using RowsTogether = std::array<T*, mixed_together>;

/// The sums of the uint8 rule along rows, divided by 16. Writes up to 8 values more than a row
/// has. Rows may be the same.
void mix_sideways(const MixTable& table, const RowsTogether<const std::uint8_t>& rows,
                  const RowsTogether<std::int16_t>& to);

/// How two rows are mixed, in 1/2048.
struct RowWeights {
  std::int16_t top = 0;
  std::int16_t bottom = 0;
};

/// The uint8 rule's second step: two rows of such sums to bytes.
void mix_rows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
              std::uint8_t* to, std::size_t values);

/// The same, past the caches: others may see the bytes after finish_streams() (tone_kernels.h).
void stream_rows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
                 std::uint8_t* to, std::size_t values);

/// The mean of four out of two rows of sums whose weights were all a half.
void mean_of_rows(const std::int16_t* top, const std::int16_t* bottom, std::uint8_t* to,
                  std::size_t values);

/// A copy past the caches, seen after finish_streams().
void stream_bytes(const std::byte* from, std::byte* to, std::size_t count);

/// The pixels of a row (3 bytes each) from right to left.
void reverse_pixels(const std::uint8_t* from, std::uint8_t* to, std::size_t width);

}  // namespace pinfeed::image
