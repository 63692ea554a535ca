// SPDX-License-Identifier: Apache-2.0
// Tables that place the values of a tile with byte shuffles (block_kernels.cpp).
#pragma once

#include "pinfeed/image/codec/jpeg/block_code.h"

namespace pinfeed::image::jpeg {

/// For the bitmap of a tile, two bytes for each of the 8 coefficients: the value's number r among
/// those of the tile and r + 8; or 0x80 twice where the coefficient is zero.
struct RankTable {
  alignas(16) std::uint8_t ranks[256][16];
};

constexpr RankTable make_ranks() {
  RankTable table = {};
  for (unsigned bitmap = 0; bitmap < 256; ++bitmap) {
    std::uint8_t rank = 0;
    for (unsigned k = 0; k < 8; ++k) {
      const bool set = (bitmap >> k & 1U) != 0;
      table.ranks[bitmap][2 * k] = set ? rank : 0x80;
      table.ranks[bitmap][2 * k + 1] = set ? static_cast<std::uint8_t>(rank + 8) : 0x80;
      if (set) ++rank;
    }
  }
  return table;
}

/// For the bitmap of a tile, the bytes of its values in order, two for each; then 0x80.
struct GatherTable {
  alignas(16) std::uint8_t bytes[256][16];
};

constexpr GatherTable make_gathers() {
  GatherTable table = {};
  for (unsigned bitmap = 0; bitmap < 256; ++bitmap) {
    unsigned next = 0;
    for (unsigned k = 0; k < 8; ++k) {
      if ((bitmap >> k & 1U) == 0) continue;
      table.bytes[bitmap][next++] = static_cast<std::uint8_t>(2 * k);
      table.bytes[bitmap][next++] = static_cast<std::uint8_t>(2 * k + 1);
    }
    while (next < 16) table.bytes[bitmap][next++] = 0x80;
  }
  return table;
}

/// For a width of values and the bit of the first byte at which they begin, by rank: the two bytes
/// that contain the value, and the 16-bit factor that moves its highest bit to the top, as low and
/// high byte. Looked up with the entries of RankTable.
struct WindowTable {
  struct Entry {
    alignas(16) std::uint8_t bytes[16];
    alignas(16) std::uint8_t factors[16];
  };
  Entry entries[value_widths.size()][8];
};

constexpr WindowTable make_windows() {
  WindowTable table = {};
  for (std::size_t w = 0; w < value_widths.size(); ++w) {
    for (unsigned phase = 0; phase < 8; ++phase) {
      WindowTable::Entry& entry = table.entries[w][phase];
      for (unsigned rank = 0; rank < 8; ++rank) {
        const unsigned width = value_widths[w];
        const unsigned bit = phase + rank * width;
        const unsigned used = bit % 8 + width;  // at most 16, except for 16 bits in a later phase
        const unsigned factor = used <= 16 ? 1U << (16 - used) : 0;
        entry.bytes[rank] = static_cast<std::uint8_t>(bit / 8 % 16);
        entry.bytes[rank + 8] = static_cast<std::uint8_t>((bit / 8 + 1) % 16);
        entry.factors[rank] = static_cast<std::uint8_t>(factor);
        entry.factors[rank + 8] = static_cast<std::uint8_t>(factor >> 8U);
      }
    }
  }
  return table;
}

}  // namespace pinfeed::image::jpeg
