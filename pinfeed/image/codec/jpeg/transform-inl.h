// SPDX-License-Identifier: Apache-2.0
// The passes of the inverse DCT for as many blocks at once as a vector has groups of 16 bytes. For
// block_kernels.cpp, once per instruction set.
#if defined(PINFEED_HWY_JPEG_TRANSFORM_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PINFEED_HWY_JPEG_TRANSFORM_INL_H
#undef PINFEED_HWY_JPEG_TRANSFORM_INL_H
#else
#define PINFEED_HWY_JPEG_TRANSFORM_INL_H
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "pinfeed/image/codec/jpeg/block_kernels_plain.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::jpeg::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET != HWY_SCALAR

using Words = hn::CappedTag<std::int16_t, 32>;
using Integers = hn::Repartition<std::int32_t, Words>;
using V = hn::Vec<Words>;

inline constexpr std::size_t lanes = hn::MaxLanes(Words());
inline constexpr std::size_t group = lanes / 8;  // blocks of a vector

// a * of_a + b * of_b in 32 bits, for the lower or the upper half of each group of 8 values.
template <bool upper>
HWY_INLINE hn::Vec<Integers> sum(V a, V b, std::int16_t of_a, std::int16_t of_b) {
  const Words words;
  const Integers integers;
  const auto factors = hn::BitCast(
      words, hn::Set(integers, static_cast<std::int32_t>(static_cast<std::uint32_t>(of_b) << 16U |
                                                         static_cast<std::uint16_t>(of_a))));
  const V pairs = upper ? hn::InterleaveUpper(words, a, b) : hn::InterleaveLower(words, a, b);
  auto unused = hn::Zero(integers);
  return hn::ReorderWidenMulAccumulate(integers, pairs, factors, hn::Zero(integers), unused);
}

// The value times 2^13 in 32 bits.
template <bool upper>
HWY_INLINE hn::Vec<Integers> widened(V value) {
  const Words words;
  const V zero = hn::Zero(words);
  const V pairs =
      upper ? hn::InterleaveUpper(words, zero, value) : hn::InterleaveLower(words, zero, value);
  return hn::ShiftRight<3>(hn::BitCast(Integers(), pairs));
}

struct Halves {
  hn::Vec<Integers> even[4];
  hn::Vec<Integers> odd[4];
};

// The sums of one half of a pass over 8 rows; with `low`, rows 4 to 7 are zero.
template <bool low, bool upper>
HWY_INLINE Halves half_pass(const V (&in)[8]) {
  Halves h;
  const auto even_sums = [&h](auto first, auto second, auto even2, auto even3) HWY_ATTR {
    h.even[0] = hn::Add(first, even3);
    h.even[1] = hn::Add(second, even2);
    h.even[2] = hn::Sub(second, even2);
    h.even[3] = hn::Sub(first, even3);
  };
  if constexpr (low) {
    const V zero = hn::Zero(Words());
    const auto first = widened<upper>(in[0]);
    even_sums(first, first, sum<upper>(in[2], zero, 4433, 0), sum<upper>(in[2], zero, 10703, 0));
    h.odd[0] = sum<upper>(in[3], in[1], 9633, 11363);
    h.odd[1] = sum<upper>(in[3], in[1], -2259, 9633);
    h.odd[2] = sum<upper>(in[3], in[1], -11362, 6437);
    h.odd[3] = sum<upper>(in[3], in[1], -6436, 2260);
  } else {
    even_sums(widened<upper>(hn::Add(in[0], in[4])), widened<upper>(hn::Sub(in[0], in[4])),
              sum<upper>(in[2], in[6], 4433, -10704), sum<upper>(in[2], in[6], 10703, 4433));
    const V z3 = hn::Add(in[7], in[3]);
    const V z4 = hn::Add(in[5], in[1]);
    const auto odd3 = sum<upper>(z3, z4, -6436, 9633);
    const auto odd4 = sum<upper>(z3, z4, 9633, 6437);
    h.odd[0] = hn::Add(sum<upper>(in[7], in[1], -7373, 4926), odd4);
    h.odd[1] = hn::Add(sum<upper>(in[5], in[3], -20995, 4177), odd3);
    h.odd[2] = hn::Add(sum<upper>(in[5], in[3], -4176, -20995), odd4);
    h.odd[3] = hn::Add(sum<upper>(in[7], in[1], -4927, -7373), odd3);
  }
  return h;
}

// A pass over 8 rows: sums, rounded and shifted by `bits` after adding `rounding`, and saturated.
template <bool low, int bits, std::int32_t rounding>
HWY_INLINE void pass(V (&rows)[8]) {
  const Words words;
  const auto round = hn::Set(Integers(), rounding);
  const Halves lower = half_pass<low, false>(rows);
  const Halves upper = half_pass<low, true>(rows);
  for (std::size_t i = 0; i < 4; ++i) {
    const auto lower_even = hn::Add(lower.even[i], round);
    const auto upper_even = hn::Add(upper.even[i], round);
    rows[i] = hn::ReorderDemote2To(words, hn::ShiftRight<bits>(hn::Add(lower_even, lower.odd[i])),
                                   hn::ShiftRight<bits>(hn::Add(upper_even, upper.odd[i])));
    rows[7 - i] =
        hn::ReorderDemote2To(words, hn::ShiftRight<bits>(hn::Sub(lower_even, lower.odd[i])),
                             hn::ShiftRight<bits>(hn::Sub(upper_even, upper.odd[i])));
  }
}

// Transposes each block of 8 x 8.
HWY_INLINE void transpose(V (&r)[8]) {
  const Words w;
  const hn::Repartition<std::int32_t, Words> i32;
  const hn::Repartition<std::int64_t, Words> i64;
  const auto i = [&](V v) HWY_ATTR { return hn::BitCast(i32, v); };
  V a[8];
  for (std::size_t k = 0; k < 4; ++k) {
    a[2 * k] = hn::InterleaveLower(w, r[2 * k], r[2 * k + 1]);
    a[2 * k + 1] = hn::InterleaveUpper(w, r[2 * k], r[2 * k + 1]);
  }
  for (std::size_t half = 0; half < 2; ++half) {
    const auto low01 = hn::InterleaveLower(i32, i(a[half]), i(a[2 + half]));
    const auto low23 = hn::InterleaveUpper(i32, i(a[half]), i(a[2 + half]));
    const auto high01 = hn::InterleaveLower(i32, i(a[4 + half]), i(a[6 + half]));
    const auto high23 = hn::InterleaveUpper(i32, i(a[4 + half]), i(a[6 + half]));
    const auto l = [&](auto v) HWY_ATTR { return hn::BitCast(i64, v); };
    r[4 * half] = hn::BitCast(w, hn::InterleaveLower(i64, l(low01), l(high01)));
    r[4 * half + 1] = hn::BitCast(w, hn::InterleaveUpper(i64, l(low01), l(high01)));
    r[4 * half + 2] = hn::BitCast(w, hn::InterleaveLower(i64, l(low23), l(high23)));
    r[4 * half + 3] = hn::BitCast(w, hn::InterleaveUpper(i64, l(low23), l(high23)));
  }
}

// Two rows of each block, `a` and `b`, to memory: the blocks of a row are adjacent.
HWY_INLINE void store_rows(hn::Vec<hn::Repartition<std::uint64_t, Words> > first,
                           hn::Vec<hn::Repartition<std::uint64_t, Words> > second, std::uint8_t* to,
                           std::ptrdiff_t row_bytes) {
  const hn::Repartition<std::uint64_t, Words> u64;
  const hn::Half<decltype(u64)> half;
  const hn::Repartition<std::uint8_t, decltype(half)> bytes;
  const auto even = hn::ConcatEven(u64, second, first);  // row 0, row 2
  const auto odd = hn::ConcatOdd(u64, second, first);    // row 1, row 3
  hn::StoreU(hn::BitCast(bytes, hn::LowerHalf(half, even)), bytes, to);
  hn::StoreU(hn::BitCast(bytes, hn::LowerHalf(half, odd)), bytes, to + row_bytes);
  hn::StoreU(hn::BitCast(bytes, hn::UpperHalf(half, even)), bytes, to + 2 * row_bytes);
  hn::StoreU(hn::BitCast(bytes, hn::UpperHalf(half, odd)), bytes, to + 3 * row_bytes);
}

// Writes columns of samples, which are the high bytes of the values less 128, as rows.
HWY_INLINE void store_columns(const V (&columns)[8], std::uint8_t* to, std::ptrdiff_t row_bytes) {
  const Words w;
  const hn::Repartition<std::uint8_t, Words> u8;
  const hn::Repartition<std::uint16_t, Words> u16;
  const hn::Repartition<std::uint32_t, Words> u32;
  const hn::Repartition<std::uint64_t, Words> u64;
  const auto centre = hn::Set(u8, 0x80);
  V pairs[4];
  for (std::size_t i = 0; i < 4; ++i) {
    const auto low = hn::ShiftRight<8>(hn::BitCast(u16, columns[2 * i]));
    const auto both = hn::OddEven(hn::BitCast(u8, columns[2 * i + 1]), hn::BitCast(u8, low));
    pairs[i] = hn::BitCast(w, hn::Xor(both, centre));
  }
  const auto rows_of = [&](V left, V right, std::uint8_t* at) HWY_ATTR {
    const auto l = hn::BitCast(u32, left);
    const auto r = hn::BitCast(u32, right);
    store_rows(hn::BitCast(u64, hn::InterleaveLower(u32, l, r)),
               hn::BitCast(u64, hn::InterleaveUpper(u32, l, r)), at, row_bytes);
  };
  rows_of(hn::InterleaveLower(w, pairs[0], pairs[1]), hn::InterleaveLower(w, pairs[2], pairs[3]),
          to);
  rows_of(hn::InterleaveUpper(w, pairs[0], pairs[1]), hn::InterleaveUpper(w, pairs[2], pairs[3]),
          to + 4 * row_bytes);
}

// With `low_rows` rows 4 to 7 are zero; with `low_columns` columns 4 to 7 are zero after the first
// pass.
template <bool low_rows, bool low_columns>
HWY_INLINE void transform_rows(V (&rows)[8], std::uint8_t* to, std::ptrdiff_t row_bytes) {
  pass<low_rows, 11, 1 << 10>(rows);
  transpose(rows);
  pass<low_columns, 10, 1 << 17>(rows);
  store_columns(rows, to, row_bytes);
}

// Blocks of which only DC is not zero. Those of the blocks are `step` values apart.
HWY_INLINE void fill_blocks(const std::int16_t* dcs, std::size_t step, const Quantiser& quantiser,
                            std::uint8_t* to, std::ptrdiff_t row_bytes) {
  for (std::size_t b = 0; b < group; ++b, to += 8) {
    const auto dc = static_cast<std::uint32_t>(dcs[step * b]);
    const std::int32_t first = one_by_one::wrapped(dc * quantiser[0] << 2U);
    const std::int32_t value = std::clamp((first + 16) >> 5, -128, 127) + 128;
    const std::uint64_t eight = 0x0101010101010101U * static_cast<std::uint64_t>(value);
    for (std::ptrdiff_t y = 0; y < 8; ++y) std::memcpy(to + y * row_bytes, &eight, sizeof eight);
  }
}

// Whether a value leaves 14 bits.
HWY_INLINE bool may_wrap(V values) {
  const V narrow = hn::ShiftRight<2>(hn::ShiftLeft<2>(values));
  return !hn::AllTrue(Words(), hn::Eq(narrow, values));
}

#endif

}  // namespace
}  // namespace pinfeed::image::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // PINFEED_HWY_JPEG_TRANSFORM_INL_H
