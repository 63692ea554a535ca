// SPDX-License-Identifier: Apache-2.0
// Writes blocks without a branch per value: a shuffle moves the values of a tile together, and all
// of them are appended as one number.
#include "pinfeed/image/codec/jpeg/block_writer.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/codec/jpeg/block_writer.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/codec/jpeg/block_tables.h"
#include "pinfeed/image/codec/jpeg/block_writer_plain.h"

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

// Bits that are appended to bytes.
class BitWriter {
 public:
  explicit BitWriter(std::uint8_t* to) : to_(to) {}

  // At most 56 bits; those above `count` are 0. Writes 8 bytes, the later ones of which are not
  // final.
  HWY_INLINE void add(std::uint64_t value, std::size_t count) {
    pending_ |= value << bits_;
    bits_ += count;
    std::memcpy(to_, &pending_, sizeof pending_);
    to_ += bits_ / 8;
    pending_ >>= bits_ & ~std::size_t{7};
    bits_ %= 8;
  }
  std::uint8_t* end() const { return to_ + (bits_ > 0 ? 1 : 0); }

 private:
  std::uint8_t* to_;
  std::uint64_t pending_ = 0;
  std::size_t bits_ = 0;
};

// The stored forms of the values of each tile, their bitmaps, and the bits that they need.
struct TileCodes {
  V8 codes[tile_count];
  std::uint64_t bitmaps = 0;                       // one byte per tile
  HWY_ALIGN std::uint16_t magnitudes[tile_count];  // by bit-reversed tile: see collect()
};

// All of both vectors, as pairs of one half of each.
HWY_INLINE V8 joined(V8 a, V8 b) {
  const Words8 w;
  return hn::Or(hn::InterleaveLower(w, a, b), hn::InterleaveUpper(w, a, b));
}

HWY_INLINE void collect_tiles(const std::int16_t* block, TileCodes& tiles) {
  const Words8 w;
  const Words4 half;
  V8 magnitudes[tile_count];
  for (std::size_t t = 0; t < tile_count; ++t) {
    const std::int16_t* from = block + place_in_block(t, 0);
    V8 values = hn::Combine(w, hn::LoadU(half, from + 8), hn::LoadU(half, from));
    if (t == 0) values = hn::IfThenZeroElse(hn::FirstN(w, 1), values);
    std::uint8_t bitmap = 0;
    hn::StoreMaskBits(w, hn::Ne(values, hn::Zero(w)), &bitmap);
    tiles.bitmaps |= std::uint64_t{bitmap} << (8 * t);
    tiles.codes[t] = hn::Add(values, hn::VecFromMask(w, hn::Gt(values, hn::Zero(w))));
    magnitudes[t] = hn::Xor(tiles.codes[t], hn::ShiftRight<15>(tiles.codes[t]));
  }
  const V8 low = joined(joined(magnitudes[0], magnitudes[1]), joined(magnitudes[2], magnitudes[3]));
  const V8 high =
      joined(joined(magnitudes[4], magnitudes[5]), joined(magnitudes[6], magnitudes[7]));
  const hn::RebindToUnsigned<Words8> u;
  hn::Store(hn::BitCast(u, joined(low, high)), u, tiles.magnitudes);
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
  constexpr std::size_t place[tile_count] = {0, 4, 2, 6, 1, 5, 3, 7};
  TileCodes tiles;
  collect_tiles(block, tiles);
  const std::size_t count = (71U - static_cast<std::size_t>(std::countl_zero(tiles.bitmaps))) / 8;
  const auto difference = static_cast<std::int16_t>(block[0] - dc);
  std::uint8_t* bitmaps = one_by_one::write_difference(difference, to + header_bytes(count));
  std::memcpy(bitmaps, &tiles.bitmaps, tile_count);
  auto header = static_cast<std::uint32_t>(count);
  BitWriter writer(bitmaps + count);
  for (std::size_t t = 0; t < count; ++t) {
    const auto bits = static_cast<std::size_t>(std::bit_width(tiles.magnitudes[place[t]]) + 1);
    const std::size_t is_first = t == 0 ? 1 : 0;
    const unsigned code = one_by_one::width_codes.of[1 - is_first][bits];
    const unsigned width = value_widths[code + is_first];
    if (HWY_UNLIKELY(code > 7 || width == 16)) return one_by_one::write_block(block, dc, to);
    header |= code << (4 + 3 * t);
    add_values(tiles.codes[t], static_cast<unsigned>(tiles.bitmaps >> (8 * t) & 255U), width,
               writer);
  }
  // The header's 4 bytes may reach beyond it.
  const std::size_t bytes = header_bytes(count);
  for (std::size_t i = 0; i < 4; ++i, header >>= 8U) {
    if (i < bytes) to[i] = static_cast<std::uint8_t>(header);
  }
  dc = block[0];
  return writer.end();
}

std::uint8_t* WriteChunk(const std::int16_t* blocks, std::size_t count, std::uint8_t* to) {
  std::int16_t dc = 0;
  for (std::size_t i = 0; i < count; ++i) to = write_one(blocks + i * block_values, dc, to);
  return to;
}

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
