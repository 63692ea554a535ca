// SPDX-License-Identifier: Apache-2.0
// Reading a block and its inverse DCT, one value at a time.
//
// The arithmetic is that of libjpeg-turbo's vector code (jidctint): products with the quantiser and
// some sums are 16 bits and wrap, other sums are 32 bits and wrap, results are saturated after both
// passes, and a block whose rows 1 to 7 are zero skips the sums of the first pass.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "pinfeed/image/codec/jpeg/block_code.h"

namespace pinfeed::image::jpeg::one_by_one {

using Block = std::array<std::int16_t, block_values>;

template <class T>
T loaded(const std::uint8_t* from) {
  T value;
  std::memcpy(&value, from, sizeof value);
  return value;
}

inline std::int16_t wrapped(std::uint32_t value) {
  return static_cast<std::int16_t>(static_cast<std::uint16_t>(value));
}

/// Reads the values of a tile, `width` bits each, from bit `bit` of `from` on. Returns the bit
/// behind them.
inline std::size_t read_tile(const std::uint8_t* from, std::size_t bit, unsigned bitmap,
                             unsigned width, std::size_t tile, Block& block) {
  for (std::size_t k = 0; k < 8; ++k) {
    if ((bitmap >> k & 1U) == 0) continue;
    const std::uint32_t code = loaded<std::uint32_t>(from + bit / 8) >> bit % 8 << (32 - width);
    const std::int32_t value = static_cast<std::int32_t>(code) >> (32 - width);
    block[place_in_block(tile, k)] = static_cast<std::int16_t>(value < 0 ? value : value + 1);
    bit += width;
  }
  return bit;
}

/// A block of 16-bit values.
inline const std::uint8_t* read_raw_block(const std::uint8_t* from, std::int16_t& dc,
                                          Block& block) {
  block.fill(0);
  dc = wrapped(static_cast<std::uint16_t>(dc) + std::uint32_t{loaded<std::uint16_t>(from + 1)});
  const std::uint8_t* bitmaps = from + 3;
  const std::uint8_t* values = bitmaps + tile_count;
  for (std::size_t tile = 0; tile < tile_count; ++tile) {
    for (std::size_t k = 0; k < 8; ++k) {
      if ((bitmaps[tile] >> k & 1U) == 0) continue;
      block[place_in_block(tile, k)] = loaded<std::int16_t>(values);
      values += 2;
    }
  }
  block[0] = dc;
  return values;
}

/// Reads the difference of DC, adds it to `dc`, and returns the byte behind it.
inline const std::uint8_t* read_difference(const std::uint8_t* from, std::int16_t& dc) {
  std::uint32_t difference = static_cast<std::uint32_t>(static_cast<std::int8_t>(*from++));
  if (from[-1] == wide_difference) {
    difference = loaded<std::uint16_t>(from);
    from += 2;
  }
  dc = wrapped(static_cast<std::uint16_t>(dc) + difference);
  return from;
}

/// Reads the block at `from` into `block` (natural order), with `dc` as the DC coefficient before
/// and after. Returns the byte behind the block; null if the bytes are no block. `readable_behind`
/// bytes must be readable from `from` on.
inline const std::uint8_t* read_block(const std::uint8_t* from, std::int16_t& dc, Block& block) {
  const auto header = loaded<std::uint32_t>(from);
  const std::size_t tiles = header & 15U;
  if (tiles == raw_block) return read_raw_block(from, dc, block);
  if (tiles > tile_count) return nullptr;
  block.fill(0);
  const std::uint8_t* bitmaps = read_difference(from + header_bytes(tiles), dc);
  std::size_t bit = 0;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const unsigned code = header >> (4 + 3 * tile) & 7U;
    bit = read_tile(bitmaps + tiles, bit, bitmaps[tile], value_widths[code + (tile == 0 ? 1 : 0)],
                    tile, block);
  }
  block[0] = dc;
  return bitmaps + tiles + (bit + 7) / 8;
}

/// The block behind the one at `from`, as read_block(), without the values.
inline const std::uint8_t* skip_block(const std::uint8_t* from, std::int16_t& dc) {
  const auto header = loaded<std::uint32_t>(from);
  const std::size_t tiles = header & 15U;
  if (tiles == raw_block) {
    dc = wrapped(static_cast<std::uint16_t>(dc) + std::uint32_t{loaded<std::uint16_t>(from + 1)});
    return from + 3 + tile_count + 2 * std::popcount(loaded<std::uint64_t>(from + 3));
  }
  if (tiles > tile_count) return nullptr;
  const std::uint8_t* bitmaps = read_difference(from + header_bytes(tiles), dc);
  std::size_t bits = 7;
  for (std::size_t tile = 0; tile < tiles; ++tile) {
    const unsigned code = header >> (4 + 3 * tile) & 7U;
    bits += std::size_t{value_widths[code + (tile == 0 ? 1 : 0)]} *
            static_cast<std::size_t>(std::popcount(bitmaps[tile]));
  }
  return bitmaps + tiles + bits / 8;
}

/// One pass over 8 values that are `step` apart, as sums of 32 bits.
inline std::array<std::int32_t, 8> transformed(const std::int16_t* in, std::size_t step) {
  const auto at = [&](std::size_t i) { return std::int32_t{in[i * step]}; };
  const auto sum = [](std::int32_t a, std::int32_t b, std::int32_t of_a, std::int32_t of_b) {
    return static_cast<std::uint32_t>(a * of_a) + static_cast<std::uint32_t>(b * of_b);
  };
  const auto wide = [](std::int32_t value) {
    return static_cast<std::uint32_t>(wrapped(static_cast<std::uint32_t>(value))) << 13U;
  };
  const std::int32_t z3 = wrapped(static_cast<std::uint32_t>(at(7) + at(3)));
  const std::int32_t z4 = wrapped(static_cast<std::uint32_t>(at(5) + at(1)));
  const std::uint32_t odd3 = sum(z3, z4, -6436, 9633);
  const std::uint32_t odd4 = sum(z3, z4, 9633, 6437);
  const std::array<std::uint32_t, 4> odd = {
      sum(at(7), at(1), -7373, 4926) + odd4, sum(at(5), at(3), -20995, 4177) + odd3,
      sum(at(5), at(3), -4176, -20995) + odd4, sum(at(7), at(1), -4927, -7373) + odd3};
  const std::uint32_t even2 = sum(at(2), at(6), 4433, -10704);
  const std::uint32_t even3 = sum(at(2), at(6), 10703, 4433);
  const std::array<std::uint32_t, 4> even = {
      wide(at(0) + at(4)) + even3, wide(at(0) - at(4)) + even2, wide(at(0) - at(4)) - even2,
      wide(at(0) + at(4)) - even3};
  std::array<std::int32_t, 8> out = {};
  for (std::size_t i = 0; i < 4; ++i) {
    out[i] = static_cast<std::int32_t>(even[i] + odd[i]);
    out[7 - i] = static_cast<std::int32_t>(even[i] - odd[i]);
  }
  return out;
}

inline std::int32_t descaled(std::int32_t value, unsigned bits) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(value) + (1U << (bits - 1))) >>
         static_cast<int>(bits);
}

/// Writes the 8 x 8 samples of a block.
inline void inverse_dct(const Block& block,
                        const std::array<std::uint16_t, block_values>& quantiser, std::uint8_t* to,
                        std::ptrdiff_t row_bytes) {
  Block values = {};
  for (std::size_t i = 0; i < block_values; ++i) {
    values[i] = wrapped(static_cast<std::uint32_t>(std::int32_t{block[i]}) * quantiser[i]);
  }
  const bool flat = std::all_of(block.begin() + 8, block.end(), [](int v) { return v == 0; });
  for (std::size_t x = 0; x < 8; ++x) {
    const std::array<std::int32_t, 8> column = transformed(values.data() + x, 8);
    const std::int16_t first = wrapped(static_cast<std::uint32_t>(values[x]) << 2U);
    for (std::size_t y = 0; y < 8; ++y) {
      values[8 * y + x] =
          flat ? first
               : static_cast<std::int16_t>(std::clamp(descaled(column[y], 11), -32768, 32767));
    }
  }
  for (std::size_t y = 0; y < 8; ++y, to += row_bytes) {
    const std::array<std::int32_t, 8> row = transformed(values.data() + 8 * y, 1);
    for (std::size_t x = 0; x < 8; ++x) {
      to[x] = static_cast<std::uint8_t>(std::clamp(descaled(row[x], 18), -128, 127) + 128);
    }
  }
}

/// The same for 64 values in memory.
inline void transform_block(const std::int16_t* values,
                            const std::array<std::uint16_t, block_values>& quantiser,
                            std::uint8_t* to, std::ptrdiff_t row_bytes) {
  Block block;
  std::copy_n(values, block_values, block.begin());
  inverse_dct(block, quantiser, to, row_bytes);
}

}  // namespace pinfeed::image::jpeg::one_by_one
