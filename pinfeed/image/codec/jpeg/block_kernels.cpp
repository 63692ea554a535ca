// SPDX-License-Identifier: Apache-2.0
// Expands and transforms as many blocks at once as a vector has groups of 16 bytes.
//
// A value of a tile lies in a window of two bytes. Two shuffles bring these bytes and a factor to
// the lane of the coefficient; the product has the value at the top of the lane, and an arithmetic
// shift brings it down. The widths and bitmaps of the tiles are known before their values, so that
// tiles do not wait for each other.
//
// The first pass of libjpeg's vector code wraps where rows 1 to 7 are zero, and saturates
// otherwise. The two differ only if a product of row 0 leaves 14 bits. Such groups are computed one
// block at a time.
#include "pinfeed/image/codec/jpeg/block_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/codec/jpeg/block_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/codec/jpeg/block_kernels_plain.h"
#include "pinfeed/image/codec/jpeg/block_tables.h"
#include "pinfeed/image/codec/jpeg/transform-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::jpeg::HWY_NAMESPACE {
namespace {

// Moves `from` behind the blocks that are not wanted. False where the bytes are no blocks.
HWY_INLINE bool skip_blocks(const BlockRun& run, const std::uint8_t*& from, std::int16_t& dc) {
  for (int i = 0; i < run.skip; ++i) {
    if (from > run.last) return false;
    from = one_by_one::skip_block(from, dc);
    if (from == nullptr) return false;
  }
  return true;
}

#if HWY_TARGET == HWY_SCALAR

const std::uint8_t* DecodeBlocks(const BlockRun& run, const Quantiser& quantiser, std::uint8_t* to,
                                 std::ptrdiff_t row_bytes) {
  const std::uint8_t* from = run.from;
  std::int16_t dc = 0;
  if (!skip_blocks(run, from, dc)) return nullptr;
  one_by_one::Block block;
  for (int i = run.skip; i < run.skip + run.count; ++i, to += 8) {
    if (from > run.last) return nullptr;
    if (static_cast<std::size_t>(i) % chunk_blocks == 0) dc = 0;
    from = one_by_one::read_block(from, dc, block);
    if (from == nullptr) return nullptr;
    one_by_one::inverse_dct(block, quantiser, to, row_bytes);
  }
  return from;
}

#else

using Words8 = hn::FixedTag<std::int16_t, 8>;
using Bytes16 = hn::FixedTag<std::uint8_t, 16>;

constexpr RankTable ranks = make_ranks();
constexpr WindowTable windows = make_windows();

// The tiles of a group: tile t of block b at [t][8 b].
struct Tiles {
  HWY_ALIGN std::int16_t values[tile_count][lanes];
};

// The values of a tile, from bit `phase` of `from` on, where they belong.
HWY_INLINE hn::Vec<Words8> tile_values(const std::uint8_t* from, std::size_t phase, unsigned bitmap,
                                       std::size_t width) {
  const Words8 words;
  const Bytes16 bytes;
  const hn::Repartition<std::int8_t, Words8> signed_bytes;
  const WindowTable::Entry& window = windows.entries[width][phase];
  const auto rank = hn::Load(bytes, ranks.ranks[bitmap]);
  const auto places = hn::TableLookupBytesOr0(hn::Load(bytes, window.bytes), rank);
  const auto factors = hn::TableLookupBytesOr0(hn::Load(bytes, window.factors), rank);
  const auto raw = hn::TableLookupBytes(hn::LoadU(bytes, from), places);
  const auto top = hn::Mul(hn::BitCast(words, raw), hn::BitCast(words, factors));
  const auto code = hn::ShiftRightSame(top, 16 - value_widths[width]);
  // One is added to codes from 0 on where there is a value.
  const auto present = hn::BitCast(
      words, hn::VecFromMask(signed_bytes,
                             hn::Gt(hn::BitCast(signed_bytes, rank), hn::Set(signed_bytes, -1))));
  const auto positive = hn::VecFromMask(words, hn::Gt(code, hn::Set(words, -1)));
  return hn::Sub(code, hn::And(positive, present));
}

// A block of the rare kind with 16-bit values. Returns the byte behind it.
HWY_NOINLINE const std::uint8_t* read_raw_tiles(const std::uint8_t* from, std::int16_t& dc,
                                                Tiles& tiles, std::size_t block) {
  one_by_one::Block values;
  from = one_by_one::read_raw_block(from, dc, values);
  for (std::size_t t = 0; t < tile_count; ++t) {
    for (std::size_t k = 0; k < 8; ++k) {
      tiles.values[t][8 * block + k] = values[place_in_block(t, k)];
    }
  }
  return from;
}

// Reads a block into its lane of the tiles, as one_by_one::read_block(). Raises `most` to its
// number of tiles.
HWY_INLINE const std::uint8_t* read_tiles(const std::uint8_t* from, std::int16_t& dc, Tiles& tiles,
                                          std::size_t block, std::size_t& most) {
  const Words8 words;
  const auto header = one_by_one::loaded<std::uint32_t>(from);
  const std::size_t count = header & 15U;
  for (std::size_t t = 0; t < tile_count; ++t) {
    hn::Store(hn::Zero(words), words, &tiles.values[t][8 * block]);
  }
  if (HWY_UNLIKELY(count > tile_count)) {
    if (count != raw_block) return nullptr;
    most = tile_count;
    return read_raw_tiles(from, dc, tiles, block);
  }
  most = std::max(most, count);
  const std::uint8_t* bitmaps = one_by_one::read_difference(from + header_bytes(count), dc);
  const std::uint8_t* values = bitmaps + count;
  std::size_t bit = 0;
  std::size_t codes = header >> 4U;
  std::size_t first = 1;
  for (std::size_t t = 0; t < count; ++t, codes >>= 3U, first = 0) {
    const std::size_t width = (codes & 7U) + first;
    const unsigned bitmap = bitmaps[t];
    hn::Store(tile_values(values + bit / 8, bit % 8, bitmap, width), words,
              &tiles.values[t][8 * block]);
    bit += static_cast<std::size_t>(__builtin_popcount(bitmap)) * value_widths[width];
  }
  tiles.values[0][8 * block] = dc;
  return values + (bit + 7) / 8;
}

template <std::size_t upper_tile, std::size_t right_tile>
HWY_INLINE void dequantise(const Tiles& tiles, const Quantiser& quantiser, std::size_t y,
                           V (&rows)[8]) {
  const Words w;
  const auto* factors = reinterpret_cast<const std::int16_t*>(quantiser.data()) + 8 * y;
  const hn::Repartition<std::int64_t, Words> i64;
  const auto left = hn::BitCast(i64, hn::Load(w, tiles.values[upper_tile]));
  const auto right = hn::BitCast(i64, hn::Load(w, tiles.values[right_tile]));
  rows[y] =
      hn::Mul(hn::BitCast(w, hn::InterleaveLower(i64, left, right)), hn::LoadDup128(w, factors));
  rows[y + 1] = hn::Mul(hn::BitCast(w, hn::InterleaveUpper(i64, left, right)),
                        hn::LoadDup128(w, factors + 8));
}

HWY_NOINLINE void transform_one_by_one(const Tiles& tiles, const Quantiser& quantiser,
                                       std::uint8_t* to, std::ptrdiff_t row_bytes) {
  for (std::size_t b = 0; b < group; ++b, to += 8) {
    one_by_one::Block block;
    for (std::size_t t = 0; t < tile_count; ++t) {
      for (std::size_t k = 0; k < 8; ++k) {
        block[place_in_block(t, k)] = tiles.values[t][8 * b + k];
      }
    }
    one_by_one::inverse_dct(block, quantiser, to, row_bytes);
  }
}

// Transforms a group of blocks of at most `most` tiles.
HWY_INLINE void transform(const Tiles& tiles, std::size_t most, const Quantiser& quantiser,
                          std::uint8_t* to, std::ptrdiff_t row_bytes) {
  if (most == 0) return fill_blocks(tiles.values[0], 8, quantiser, to, row_bytes);
  V rows[8];
  dequantise<0, 2>(tiles, quantiser, 0, rows);
  if (HWY_UNLIKELY(may_wrap(rows[0]))) return transform_one_by_one(tiles, quantiser, to, row_bytes);
  dequantise<1, 4>(tiles, quantiser, 2, rows);
  if (most <= 2) return transform_rows<true, true>(rows, to, row_bytes);
  if (most == 3) return transform_rows<true, false>(rows, to, row_bytes);
  dequantise<3, 6>(tiles, quantiser, 4, rows);
  dequantise<5, 7>(tiles, quantiser, 6, rows);
  transform_rows<false, false>(rows, to, row_bytes);
}

const std::uint8_t* DecodeBlocks(const BlockRun& run, const Quantiser& quantiser, std::uint8_t* to,
                                 std::ptrdiff_t row_bytes) {
  const std::uint8_t* from = run.from;
  std::int16_t dc = 0;
  if (!skip_blocks(run, from, dc)) return nullptr;
  Tiles tiles = {};
  const auto end = static_cast<std::size_t>(run.skip + run.count);
  for (auto i = static_cast<std::size_t>(run.skip); i < end; i += group, to += 8 * group) {
    std::size_t most = 0;
    const std::size_t blocks = std::min(group, end - i);
    for (std::size_t b = 0; b < blocks; ++b) {
      if (HWY_UNLIKELY(from > run.last)) return nullptr;
      if ((i + b) % chunk_blocks == 0) dc = 0;
      from = read_tiles(from, dc, tiles, b, most);
      if (HWY_UNLIKELY(from == nullptr)) return nullptr;
    }
    transform(tiles, most, quantiser, to, row_bytes);
  }
  return from;
}

#endif

}  // namespace
}  // namespace pinfeed::image::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image::jpeg {

HWY_EXPORT(DecodeBlocks);

const std::uint8_t* decode_blocks(const BlockRun& run, const Quantiser& quantiser, std::uint8_t* to,
                                  std::ptrdiff_t row_bytes) {
  return HWY_DYNAMIC_DISPATCH(DecodeBlocks)(run, quantiser, to, row_bytes);
}

}  // namespace pinfeed::image::jpeg
#endif
