// SPDX-License-Identifier: Apache-2.0
// Writing a block, one value at a time.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>

#include "pinfeed/image/codec/jpeg/block_code.h"

namespace pinfeed::image::jpeg::one_by_one {

// One bit for each of 4 values that is not zero.
inline unsigned nonzero_of_four(const std::int16_t* values) {
  constexpr std::uint64_t low = 0x7FFF7FFF7FFF7FFFU;
  std::uint64_t four;
  std::memcpy(&four, values, sizeof four);
  const std::uint64_t set = (((four & low) + low) | four) >> 15U & 0x0001000100010001U;
  return static_cast<unsigned>((set | set >> 15U | set >> 30U | set >> 45U) & 15U);
}

// The values of a block that are not zero, by tile.
struct TileValues {
  std::size_t count = 0;  // tiles up to the last one with a value
  std::array<std::uint8_t, tile_count> bitmaps = {};
  std::array<std::uint8_t, tile_count> bits = {};  // the widest value; 0: there is none
  std::array<std::int16_t, block_values> codes = {};
};

inline void collect(const std::int16_t* block, TileValues& values) {
  std::int16_t* code = values.codes.data();
  values.count = 0;
  for (std::size_t t = 0; t < tile_count; ++t) {
    const std::int16_t* upper = block + place_in_block(t, 0);
    unsigned bitmap = nonzero_of_four(upper) | nonzero_of_four(upper + 8) << 4U;
    if (t == 0) bitmap &= ~1U;
    values.bitmaps[t] = static_cast<std::uint8_t>(bitmap);
    unsigned all = 0;
    for (unsigned rest = bitmap; rest != 0; rest &= rest - 1) {
      const int k = std::countr_zero(rest);
      const int value = upper[k + (k & 4)];
      const int stored = value - (value > 0 ? 1 : 0);
      all |= static_cast<unsigned>(stored ^ (stored >> 31));
      *code++ = static_cast<std::int16_t>(stored);
    }
    values.bits[t] = static_cast<std::uint8_t>(bitmap == 0 ? 0 : std::bit_width(all) + 1);
    if (bitmap != 0) values.count = t + 1;
  }
}

// The smallest code whose width is enough; 8 if there is none.
constexpr unsigned width_code(unsigned bits, std::size_t tile) {
  const std::size_t first = tile == 0 ? 1 : 0;
  for (unsigned code = 0; code < 8; ++code) {
    if (value_widths[first + code] >= bits) return code;
  }
  return 8;
}

struct WidthCodes {
  std::array<std::array<std::uint8_t, 17>, 2> of = {};  // of the first tile and of the others
};

constexpr WidthCodes make_width_codes() {
  WidthCodes codes;
  for (unsigned bits = 0; bits <= 16; ++bits) {
    codes.of[0][bits] = static_cast<std::uint8_t>(width_code(bits, 0));
    codes.of[1][bits] = static_cast<std::uint8_t>(width_code(bits, 1));
  }
  return codes;
}

inline constexpr WidthCodes width_codes = make_width_codes();

template <class T>
std::uint8_t* store(T value, std::uint8_t* to) {
  std::memcpy(to, &value, sizeof value);
  return to + sizeof value;
}

inline std::uint8_t* write_raw_block(const std::int16_t* block, std::int16_t difference,
                                     const TileValues& values, std::uint8_t* to) {
  *to++ = static_cast<std::uint8_t>(raw_block);
  to = store(difference, to);
  to = std::copy(values.bitmaps.begin(), values.bitmaps.end(), to);
  for (std::size_t t = 0; t < tile_count; ++t) {
    for (std::size_t k = 0; k < 8; ++k) {
      if ((values.bitmaps[t] >> k & 1U) != 0) to = store(block[place_in_block(t, k)], to);
    }
  }
  return to;
}

// Without a branch: one difference of ten is wide. May write two bytes behind the end.
inline std::uint8_t* write_difference(std::int16_t difference, std::uint8_t* to) {
  const bool narrow = difference >= -127 && difference <= 127;
  *to = narrow ? static_cast<std::uint8_t>(difference) : wide_difference;
  store(difference, to + 1);
  return to + (narrow ? 1 : 3);
}

inline std::uint8_t* write_values(const TileValues& values, std::uint32_t header,
                                  std::uint8_t* to) {
  const std::int16_t* code = values.codes.data();
  std::uint64_t pending = 0;
  unsigned bits = 0;
  for (std::size_t t = 0; t < values.count; ++t) {
    const unsigned width = value_widths[(header >> (4 + 3 * t) & 7U) + (t == 0 ? 1 : 0)];
    const std::uint64_t mask = (std::uint64_t{1} << width) - 1;
    for (int i = std::popcount(values.bitmaps[t]); i > 0; --i, bits += width) {
      if (bits > 32) {
        store(static_cast<std::uint32_t>(pending), to);
        to += 4;
        pending >>= 32U;
        bits -= 32;
      }
      pending |= (static_cast<std::uint64_t>(*code++) & mask) << bits;
    }
  }
  store(pending, to);
  return to + (bits + 7) / 8;
}

/// Writes a block (64 values, natural order). `dc` is the DC coefficient of the block before, and
/// becomes that of this one. Returns the byte behind the block.
inline std::uint8_t* write_block(const std::int16_t* block, std::int16_t& dc, std::uint8_t* to) {
  TileValues values;
  collect(block, values);
  const auto difference = static_cast<std::int16_t>(block[0] - dc);
  dc = block[0];
  auto header = static_cast<std::uint32_t>(values.count);
  for (std::size_t t = 0; t < values.count; ++t) {
    const unsigned code = width_codes.of[t == 0 ? 0 : 1][values.bits[t]];
    if (code > 7) return write_raw_block(block, difference, values, to);
    header |= code << (4 + 3 * t);
  }
  store(header, to);
  to = write_difference(difference, to + header_bytes(values.count));
  to = std::copy_n(values.bitmaps.begin(), values.count, to);
  return write_values(values, header, to);
}

}  // namespace pinfeed::image::jpeg::one_by_one
