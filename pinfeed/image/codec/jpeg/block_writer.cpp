// SPDX-License-Identifier: Apache-2.0
// Writes blocks without a branch per value: a shuffle moves the values of a tile together, products
// join them in pairs, and each half of a tile is appended as one number.
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

  // At most 36 bits; those above `count` are 0. Writes 8 bytes, the later ones of which are not
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
  HWY_ALIGN std::uint8_t bitmaps[tile_count];
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
    hn::StoreMaskBits(w, hn::Ne(values, hn::Zero(w)), tiles.bitmaps + t);
    tiles.codes[t] = hn::Add(values, hn::VecFromMask(w, hn::Gt(values, hn::Zero(w))));
    magnitudes[t] = hn::Xor(tiles.codes[t], hn::ShiftRight<15>(tiles.codes[t]));
  }
  const V8 low = joined(joined(magnitudes[0], magnitudes[1]), joined(magnitudes[2], magnitudes[3]));
  const V8 high =
      joined(joined(magnitudes[4], magnitudes[5]), joined(magnitudes[6], magnitudes[7]));
  const hn::RebindToUnsigned<Words8> u;
  hn::Store(hn::BitCast(u, joined(low, high)), u, tiles.magnitudes);
}

// The values of a tile as two numbers of up to 4 values each.
HWY_INLINE void add_values(V8 codes, unsigned bitmap, unsigned width, BitWriter& writer) {
  const Words8 w;
  const hn::Repartition<std::int32_t, Words8> i32;
  const hn::Repartition<std::uint64_t, Words8> u64;
  const hn::Repartition<std::uint8_t, Words8> u8;
  const auto order = hn::Load(u8, gathers.bytes[bitmap]);
  const V8 gathered = hn::BitCast(w, hn::TableLookupBytesOr0(hn::BitCast(u8, codes), order));
  const V8 masked = hn::And(gathered, hn::Set(w, static_cast<std::int16_t>((1U << width) - 1)));
  const auto factors =
      hn::BitCast(w, hn::Set(i32, static_cast<std::int32_t>((1U << (width + 16)) | 1U)));
  auto unused = hn::Zero(i32);
  const auto pairs =
      hn::BitCast(u64, hn::ReorderWidenMulAccumulate(i32, masked, factors, hn::Zero(i32), unused));
  const auto count = static_cast<std::size_t>(__builtin_popcount(bitmap));
  const std::size_t first = count < 4 ? count : 4;
  const auto number = [width](std::uint64_t two_pairs) {
    return (two_pairs & 0xFFFFFFFFU) | two_pairs >> 32U << (2 * width);
  };
  writer.add(number(hn::GetLane(pairs)), first * width);
  writer.add(number(hn::ExtractLane(pairs, 1)), (count - first) * width);
}

HWY_INLINE std::uint8_t* write_one(const std::int16_t* block, std::int16_t& dc, std::uint8_t* to) {
  constexpr std::size_t place[tile_count] = {0, 4, 2, 6, 1, 5, 3, 7};
  TileCodes tiles;
  collect_tiles(block, tiles);
  std::uint64_t all;
  std::memcpy(&all, tiles.bitmaps, sizeof all);
  const std::size_t count = (71U - static_cast<std::size_t>(std::countl_zero(all))) / 8;
  std::uint32_t header = static_cast<std::uint32_t>(count);
  unsigned largest = 0;
  for (std::size_t t = 0; t < count; ++t) {
    const auto bits = static_cast<std::size_t>(std::bit_width(tiles.magnitudes[place[t]]) + 1);
    const unsigned code = one_by_one::width_codes.of[t == 0 ? 0 : 1][bits];
    largest |= code;
    header |= code << (4 + 3 * t);
  }
  const bool has_16_bits = count > 0 && (header >> 4U & 7U) == 7;
  if (HWY_UNLIKELY(largest > 7 || has_16_bits)) return one_by_one::write_block(block, dc, to);
  const auto difference = static_cast<std::int16_t>(block[0] - dc);
  dc = block[0];
  std::memcpy(to, &header, sizeof header);
  to = one_by_one::write_difference(difference, to + header_bytes(count));
  std::memcpy(to, tiles.bitmaps, tile_count);
  BitWriter writer(to + count);
  for (std::size_t t = 0; t < count; ++t) {
    const unsigned width = value_widths[(header >> (4 + 3 * t) & 7U) + (t == 0 ? 1 : 0)];
    add_values(tiles.codes[t], tiles.bitmaps[t], width, writer);
  }
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
