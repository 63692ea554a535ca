// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/resample/warp_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/resample/warp_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/resample/warp_kernels_plain.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR || !HWY_HAVE_FLOAT64

void WarpCoordinates(const WarpLine& line, std::size_t count, std::int32_t* x, std::int32_t* y) {
  one_by_one::warp_coordinates(line, 0, count, x, y);
}

void WarpPixels(const std::uint8_t* in, std::int32_t row_bytes, const std::int32_t* x,
                const std::int32_t* y, std::size_t count, std::uint8_t* to) {
  one_by_one::warp_pixels(in, row_bytes, x, y, count, to);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Bytes16 = hn::FixedTag<std::uint8_t, 16>;
using Words8 = hn::FixedTag<std::int16_t, 8>;
using Ints4 = hn::FixedTag<std::int32_t, 4>;

template <class V>
HWY_INLINE void store_rounded(V value, std::int32_t* to) {
  const hn::DFromV<V> doubles;
  const hn::Rebind<std::int32_t, decltype(doubles)> ints;
  const auto min_int = hn::Set(doubles, -2147483648.0);
  const auto max_int = hn::Set(doubles, 2147483647.0);
  const auto whole = hn::Round(hn::Min(hn::Max(value, min_int), max_int));
  hn::StoreU(hn::DemoteTo(ints, whole), ints, to);
}

void WarpCoordinates(const WarpLine& line, std::size_t count, std::int32_t* HWY_RESTRICT x,
                     std::int32_t* HWY_RESTRICT y) {
  const hn::ScalableTag<double> doubles;
  const std::size_t lanes = hn::Lanes(doubles);
  const auto all = hn::Set(doubles, static_cast<double>(warp_steps));
  const auto zero = hn::Zero(doubles);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto step = hn::Iota(doubles, static_cast<double>(i));
    const auto coordinate = [&](std::size_t axis) {
      return hn::Add(hn::Set(doubles, line.start[axis]),
                     hn::Mul(hn::Set(doubles, line.step[axis]), step));
    };
    const auto depth = coordinate(2);
    const auto scale = hn::IfThenElseZero(hn::Ne(depth, zero), hn::Div(all, depth));
    store_rounded(hn::Mul(coordinate(0), scale), x + i);
    store_rounded(hn::Mul(coordinate(1), scale), y + i);
  }
  one_by_one::warp_coordinates(line, i, count, x, y);
}

// Sums of neighbouring products.
HWY_INLINE hn::Vec<Ints4> pairwise(hn::Vec<Words8> a, hn::Vec<Words8> b) {
  const Ints4 ints;
#if HWY_ARCH_X86
  auto unused = hn::Zero(ints);
  return hn::ReorderWidenMulAccumulate(ints, a, b, hn::Zero(ints), unused);
#else
  const auto even = [&](auto v) {
    return hn::ShiftRight<16>(hn::ShiftLeft<16>(hn::BitCast(ints, v)));
  };
  const auto odd = [&](auto v) { return hn::ShiftRight<16>(hn::BitCast(ints, v)); };
  return hn::Add(hn::Mul(even(a), even(b)), hn::Mul(odd(a), odd(b)));
#endif
}

// The weights of the left and the right pixel, in the lower and upper half of a number, for the two
// rows.
struct Weights {
  std::int32_t upper = 0;
  std::int32_t lower = 0;
};

constexpr auto weight_table = [] {
  std::array<Weights, warp_steps* warp_steps> table = {};
  for (int down = 0; down < warp_steps; ++down) {
    for (int right = 0; right < warp_steps; ++right) {
      const int left = warp_steps - right;
      const int up = warp_steps - down;
      table[static_cast<std::size_t>(down * warp_steps + right)] = {
          (right * up << 16) | (left * up), (right * down << 16) | (left * down)};
    }
  }
  return table;
}();

// Shuffles that put the channels of two neighbouring pixels (bytes 0 to 5, and 8 to 13) side by
// side, each in 16 bits.
alignas(16) constexpr std::uint8_t upper_pairs[16] = {0, 0x80, 3, 0x80, 1,    0x80, 4,    0x80,
                                                      2, 0x80, 5, 0x80, 0x80, 0x80, 0x80, 0x80};
alignas(16) constexpr std::uint8_t lower_pairs[16] = {8,  0x80, 11, 0x80, 9,    0x80, 12,   0x80,
                                                      10, 0x80, 13, 0x80, 0x80, 0x80, 0x80, 0x80};
// Removes every fourth byte.
alignas(16) constexpr std::uint8_t pixels_alone[16] = {0,  1,  2,  4,  5,    6,    8,    9,
                                                       10, 12, 13, 14, 0x80, 0x80, 0x80, 0x80};

HWY_INLINE hn::Vec<Ints4> mixed(const std::uint8_t* at, std::int32_t row_bytes,
                                const Weights& weights) {
  const Bytes16 bytes;
  const hn::Half<Bytes16> half;
  const Words8 words;
  const Ints4 ints;
  const auto window = hn::Combine(bytes, hn::LoadU(half, at + row_bytes), hn::LoadU(half, at));
  const auto part = [&](const std::uint8_t* pairs, std::int32_t weight) {
    const auto values = hn::TableLookupBytesOr0(window, hn::Load(bytes, pairs));
    return pairwise(hn::BitCast(words, values), hn::BitCast(words, hn::Set(ints, weight)));
  };
  const auto sum = hn::Add(part(upper_pairs, weights.upper), part(lower_pairs, weights.lower));
  return hn::ShiftRight<10>(hn::Add(sum, hn::Set(ints, warp_steps * warp_steps / 2)));
}

constexpr std::size_t group = 64;  // pixels whose coordinates are split together

// The byte offset of each upper left pixel, and its index into weight_table.
struct Corners {
  alignas(64) std::array<std::int32_t, group> begin;
  alignas(64) std::array<std::int32_t, group> share;
};

HWY_INLINE void split_coordinates(std::int32_t row_bytes, const std::int32_t* x,
                                  const std::int32_t* y, std::size_t count, Corners& corners) {
  const hn::CappedTag<std::int32_t, warp_padding> ints;
  const auto part = hn::Set(ints, warp_steps - 1);
  for (std::size_t i = 0; i < count; i += hn::Lanes(ints)) {
    const auto fixed_x = hn::LoadU(ints, x + i);
    const auto fixed_y = hn::LoadU(ints, y + i);
    const auto column = hn::ShiftRight<5>(fixed_x);
    const auto rows = hn::Mul(hn::ShiftRight<5>(fixed_y), hn::Set(ints, row_bytes));
    const auto begin = hn::Add(rows, hn::Add(column, hn::Add(column, column)));
    const auto share = hn::Add(hn::ShiftLeft<5>(hn::And(fixed_y, part)), hn::And(fixed_x, part));
    hn::StoreU(begin, ints, corners.begin.data() + i);
    hn::StoreU(share, ints, corners.share.data() + i);
  }
}

// Four pixels of three bytes; the last four bytes of the vector are unspecified.
HWY_INLINE hn::Vec<Bytes16> four_pixels(const std::uint8_t* in, std::int32_t row_bytes,
                                        const Corners& corners, std::size_t first) {
  const Bytes16 bytes;
  const hn::Half<Bytes16> half;
  const Words8 words;
  const auto pixel = [&](std::size_t i) {
    return mixed(in + corners.begin[first + i], row_bytes,
                 weight_table[static_cast<std::size_t>(corners.share[first + i])]);
  };
  const auto left = hn::DemoteTo(half, hn::ReorderDemote2To(words, pixel(0), pixel(1)));
  const auto right = hn::DemoteTo(half, hn::ReorderDemote2To(words, pixel(2), pixel(3)));
  return hn::TableLookupBytesOr0(hn::Combine(bytes, right, left), hn::Load(bytes, pixels_alone));
}

// The bytes that are written after four pixels are overwritten by the next ones.
HWY_INLINE void warp_group(const std::uint8_t* in, std::int32_t row_bytes, const Corners& corners,
                           std::size_t count, std::uint8_t* to) {
  const Bytes16 bytes;
  std::size_t i = 0;
  for (; i + 6 <= count; i += 4, to += 12) {
    hn::StoreU(four_pixels(in, row_bytes, corners, i), bytes, to);
  }
  for (; i < count; i += 4, to += 12) {
    alignas(16) std::array<std::uint8_t, 16> last;
    hn::Store(four_pixels(in, row_bytes, corners, i), bytes, last.data());
    std::copy_n(last.begin(), 3 * std::min<std::size_t>(4, count - i), to);
  }
}

void WarpPixels(const std::uint8_t* HWY_RESTRICT in, std::int32_t row_bytes,
                const std::int32_t* HWY_RESTRICT x, const std::int32_t* HWY_RESTRICT y,
                std::size_t count, std::uint8_t* HWY_RESTRICT to) {
  Corners corners = {};
  for (std::size_t done = 0; done < count; done += group, to += 3 * group) {
    const std::size_t part = std::min(group, count - done);
    split_coordinates(row_bytes, x + done, y + done, part, corners);
    // Pixels are computed four at a time: repeat the last one up to a multiple of four.
    for (std::size_t i = part; i % 4 != 0; ++i) {
      corners.begin[i] = corners.begin[part - 1];
      corners.share[i] = corners.share[part - 1];
    }
    warp_group(in, row_bytes, corners, part, to);
  }
}

#endif

}  // namespace
}  // namespace pinfeed::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image {

HWY_EXPORT(WarpCoordinates);
HWY_EXPORT(WarpPixels);

void warp_coordinates(const WarpLine& line, std::size_t count, std::int32_t* x, std::int32_t* y) {
  HWY_DYNAMIC_DISPATCH(WarpCoordinates)(line, count, x, y);
}

void warp_pixels(const std::uint8_t* in, std::int32_t row_bytes, const std::int32_t* x,
                 const std::int32_t* y, std::size_t count, std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(WarpPixels)(in, row_bytes, x, y, count, to);
}

}  // namespace pinfeed::image
#endif
