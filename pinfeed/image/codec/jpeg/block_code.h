// SPDX-License-Identifier: Apache-2.0
// The code of a block's quantised coefficients in a record of the cache (docs/cache.md).
//
// A block is divided into 8 tiles of 2 rows and 4 columns, low frequencies first. Its bytes are:
//   header   4 bits: n, the number of tiles up to the last one with a value; then 3 bits per tile:
//            the width of its values. Little-endian, filled up to whole bytes.
//   DC       the difference to the block before as one signed byte; or the byte -128 and the
//            difference as 16 bits. The difference wraps at 16 bits.
//   bitmaps  one byte per tile: bit k is set if its coefficient k is not zero (bit 0 of the first
//            tile, the DC coefficient, is never set)
//   values   of the set bits in order, each of its tile's width, lowest bit first, without gaps
//            between tiles; the last byte is filled with zeros. A value v of w bits is stored as
//            v for v < 0 and v - 1 for v > 0, so that w = 1 holds 1 and -1.
// A block with a value that no width holds has n = 15: one byte 15, the difference of DC as 16
// bits, 8 bitmaps, and the values as 16 bits each.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace pinfeed::image::jpeg {

constexpr std::size_t block_values = 64;
constexpr std::size_t tile_count = 8;
/// The first row and the first column of a tile in its block.
constexpr std::array<std::uint8_t, tile_count> tile_row = {0, 2, 0, 4, 2, 6, 4, 6};
constexpr std::array<std::uint8_t, tile_count> tile_column = {0, 0, 4, 0, 4, 0, 4, 4};

/// Where coefficient k of a tile lies in the block (natural order: 8 x row + column).
constexpr std::size_t place_in_block(std::size_t tile, std::size_t k) {
  return (tile_row[tile] + k / 4) * 8U + tile_column[tile] + k % 4;
}

/// The bits of a value by the code of its tile. The first tile uses the entries from 1 on, the
/// others those from 0 on.
constexpr std::array<std::uint8_t, 9> value_widths = {1, 2, 3, 4, 5, 6, 7, 9, 16};

/// DC differences begin again after so many blocks of a row: a reader may begin there.
constexpr std::size_t chunk_blocks = 16;

constexpr std::uint32_t raw_block = 15;        // n of a block with 16-bit values
constexpr std::uint8_t wide_difference = 128;  // the DC byte before 16 bits
constexpr std::size_t max_block_bytes = 144;   // of one block
/// Readers may load this many bytes from any place within a block.
constexpr std::size_t readable_behind = max_block_bytes + 32;

constexpr std::size_t header_bytes(std::size_t tiles) { return (11 + 3 * tiles) / 8; }

}  // namespace pinfeed::image::jpeg
