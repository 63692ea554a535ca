// SPDX-License-Identifier: Apache-2.0
// Writes blocks without a branch per value: a shuffle moves the values of a tile together, and all
// of them are appended as one number. tile_bytes-inl.h does the same in another way.
#include "pinfeed/image/codec/jpeg/block_writer.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/codec/jpeg/block_writer.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/codec/jpeg/bit_writer-inl.h"
#include "pinfeed/image/codec/jpeg/block_tables.h"
#include "pinfeed/image/codec/jpeg/block_writer_plain.h"
#include "pinfeed/image/codec/jpeg/tile_bytes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::jpeg::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

std::uint8_t* WriteChunk(const std::int16_t* blocks, std::size_t count, std::uint8_t* to) {
  std::int16_t dc = 0;
  for (std::size_t i = 0; i < count; ++i)
    to = one_by_one::write_block(blocks + i * block_values, dc, to);
  return to;
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Words8 = hn::FixedTag<std::int16_t, 8>;
using Words4 = hn::FixedTag<std::int16_t, 4>;
using V8 = hn::Vec<Words8>;

constexpr GatherTable gathers = make_gathers();

// The stored forms of the values of each tile. One byte per tile of the others.
struct TileCodes {
  V8 codes[tile_count];
  std::uint64_t bitmaps = 0;
  std::uint64_t widths = 0;  // as places in value_widths
};

// All of both vectors, as pairs of one half of each.
HWY_INLINE V8 joined(V8 a, V8 b) {
  const Words8 w;
  return hn::Or(hn::InterleaveLower(w, a, b), hn::InterleaveUpper(w, a, b));
}

// The values of a tile without DC.
HWY_INLINE V8 tile_of(const std::int16_t* block, std::size_t tile) {
  const Words4 half;
  const std::int16_t* from = block + place_in_block(tile, 0);
  const V8 values = hn::Combine(Words8(), hn::LoadU(half, from + 8), hn::LoadU(half, from));
  return tile == 0 ? hn::IfThenZeroElse(hn::FirstN(Words8(), 1), values) : values;
}

// The places in value_widths of the smallest widths that hold values of these magnitudes, by tile.
HWY_INLINE std::uint64_t width_places(V8 magnitudes) {
  const Words8 w;
  const hn::Rebind<std::int8_t, Words8> bytes;
  const hn::Repartition<std::uint64_t, decltype(bytes)> u64;
  V8 places = hn::Zero(w);
  for (std::size_t i = 0; i + 1 < value_widths.size(); ++i) {
    const auto most = static_cast<std::int16_t>((1 << (value_widths[i] - 1)) - 1);
    places = hn::Sub(places, hn::VecFromMask(w, hn::Gt(magnitudes, hn::Set(w, most))));
  }
  return hn::GetLane(hn::BitCast(u64, hn::DemoteTo(bytes, places)));
}

// What is stored for the values of a tile; joins their bits that matter for the width.
HWY_INLINE V8 coded(V8 values, V8& magnitudes) {
  const Words8 w;
  const V8 codes = hn::Add(values, hn::VecFromMask(w, hn::Gt(values, hn::Zero(w))));
  magnitudes = hn::Xor(codes, hn::ShiftRight<15>(codes));
  return codes;
}

HWY_INLINE void collect_tiles(const std::int16_t* block, TileCodes& tiles) {
  // Tile numbers with their 3 bits reversed: the order in which joined() puts them.
  constexpr std::size_t place[tile_count] = {0, 4, 2, 6, 1, 5, 3, 7};
  const Words8 w;
  V8 magnitudes[tile_count];
  for (std::size_t t = 0; t < tile_count; ++t) {
    const V8 values = tile_of(block, t);
    std::uint8_t bitmap = 0;
    hn::StoreMaskBits(w, hn::Ne(values, hn::Zero(w)), &bitmap);
    tiles.bitmaps |= std::uint64_t{bitmap} << (8 * t);
    tiles.codes[t] = coded(values, magnitudes[place[t]]);
  }
  const V8 low = joined(joined(magnitudes[0], magnitudes[1]), joined(magnitudes[2], magnitudes[3]));
  const V8 high =
      joined(joined(magnitudes[4], magnitudes[5]), joined(magnitudes[6], magnitudes[7]));
  tiles.widths = width_places(joined(low, high));
}

// The lowest `width` bits of each of 4 values, one behind the other.
HWY_INLINE std::uint64_t packed_four(std::uint64_t values, unsigned width) {
  const std::uint64_t mask = ((std::uint64_t{1} << width) - 1) * 0x0001000100010001U;
#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX2
  return _pext_u64(values, mask);
#else
  constexpr std::uint64_t even = 0x0000FFFF0000FFFFU;
  values &= mask;
  const std::uint64_t pairs = (values & even) | (values >> 16U & even) << width;
  return (pairs & 0xFFFFFFFFU) | pairs >> 32U << (2 * width);
#endif
}

// Appends the values of a tile.
HWY_INLINE void add_values(V8 codes, unsigned bitmap, unsigned width, BitWriter& writer) {
  const hn::Repartition<std::uint64_t, Words8> u64;
  const hn::Repartition<std::uint8_t, Words8> u8;
  const auto order = hn::Load(u8, gathers.bytes[bitmap]);
  const auto gathered = hn::BitCast(u64, hn::TableLookupBytesOr0(hn::BitCast(u8, codes), order));
  const auto count = static_cast<std::size_t>(__builtin_popcount(bitmap));
  const std::uint64_t low = packed_four(hn::GetLane(gathered), width);
  const std::uint64_t high = packed_four(hn::ExtractLane(gathered, 1), width);
  if (HWY_LIKELY(width <= 7)) return writer.add(low | high << (4 * width), count * width);
  const std::size_t first = count < 4 ? count : 4;
  writer.add(low, first * width);
  writer.add(high, (count - first) * width);
}

HWY_INLINE std::uint8_t* write_one(const std::int16_t* block, std::int16_t& dc, std::uint8_t* to) {
  constexpr std::uint64_t widest = 0x0808080808080808U;  // no width of most tiles holds it
  TileCodes tiles;
  collect_tiles(block, tiles);
  if (HWY_UNLIKELY((tiles.widths & widest) != 0)) return one_by_one::write_block(block, dc, to);
  // The first tile has no width of 1.
  if ((tiles.widths & 255U) == 0) ++tiles.widths;
  const std::size_t count = tiles_up_to_last(tiles.bitmaps);
  const auto difference = static_cast<std::int16_t>(block[0] - dc);
  dc = block[0];
  BitWriter writer(write_before_values(tiles.widths, tiles.bitmaps, count, difference, to));
  for (std::size_t t = 0; t < count; ++t, tiles.bitmaps >>= 8U, tiles.widths >>= 8U) {
    add_values(tiles.codes[t], static_cast<unsigned>(tiles.bitmaps & 255U),
               value_widths[tiles.widths & 255U], writer);
  }
  return writer.end();
}

#if HWY_ARCH_X86_64 && HWY_TARGET <= HWY_AVX3

// The vectors of all blocks come first: the numbers of a block wait for its vectors, and would hold
// up those of the next ones.
std::uint8_t* WriteChunk(const std::int16_t* blocks, std::size_t count, std::uint8_t* to) {
  TileBytes tiles[chunk_blocks];
  for (std::size_t i = 0; i < count; ++i) collect_bytes(blocks + i * block_values, tiles[i]);
  std::int16_t dc = 0;
  for (std::size_t i = 0; i < count; ++i, blocks += block_values) {
    to = HWY_LIKELY(tiles[i].fits) ? write_bytes(blocks, tiles[i], dc, to)
                                   : write_one(blocks, dc, to);
  }
  return to;
}

#else

std::uint8_t* WriteChunk(const std::int16_t* blocks, std::size_t count, std::uint8_t* to) {
  std::int16_t dc = 0;
  for (std::size_t i = 0; i < count; ++i) to = write_one(blocks + i * block_values, dc, to);
  return to;
}

#endif

#endif

}  // namespace
}  // namespace pinfeed::image::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image::jpeg {

HWY_EXPORT(WriteChunk);

std::uint8_t* write_chunk(const std::int16_t* blocks, std::size_t count, std::uint8_t* to) {
  return HWY_DYNAMIC_DISPATCH(WriteChunk)(blocks, count, to);
}

}  // namespace pinfeed::image::jpeg
#endif
