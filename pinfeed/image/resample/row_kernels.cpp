// SPDX-License-Identifier: Apache-2.0
// OpenCV's bilinear resize of uint8, bit for bit.
//
// OpenCV rounds weights to 1/2048 (11 bits) and works in two passes:
//   horizontally  h = (a x w0 + b x w1) >> 4                       at most 255 x 2048 / 16 < 2^15
//   vertically    v = (((h0 x u0) >> 16) + ((h1 x u1) >> 16) + 2) >> 2
// The vertical pass is a high multiplication of 16-bit lanes for each row, so it is used as it is.
//
// The horizontal pass needs 32-bit products as written. With w0 + w1 = 2048 the sum is
// 2048 x near + (far - near) x w, where `near` has the larger weight and so w <= 1024. Divided by
// 16 that is 128 x near + (((far - near) x w) >> 4), exactly, since 2048 x near is a multiple of
// 16. The second term is the high half of ((near - far) << 7) x (-32 w): both factors fit 16 bits
// because |near - far| < 256 and w <= 1024. Where rounding makes w0 + w1 differ from 2048, there is
// no table (mix_table.cpp) and the formula above is computed directly.
#include "pinfeed/image/resample/row_kernels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/resample/row_kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/resample/row_kernels_plain.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void MixHorizontally(const MixTable& table, const RowGroup<const std::uint8_t>& rows,
                     const RowGroup<std::int16_t>& to) {
  one_by_one::mix_horizontally(table, rows, to);
}

void MixRows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
             std::uint8_t* to, std::size_t values) {
  one_by_one::mix_rows(top, bottom, weights, to, values);
}

void StreamRows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
                std::uint8_t* to, std::size_t values) {
  one_by_one::mix_rows(top, bottom, weights, to, values);
}

void MeanOfRows(const std::int16_t* top, const std::int16_t* bottom, std::uint8_t* to,
                std::size_t values) {
  one_by_one::mean_of_rows(top, bottom, to, values);
}

void ReversePixels(const std::uint8_t* from, std::uint8_t* to, std::size_t width) {
  one_by_one::reverse_pixels(from, to, width);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Bytes16 = hn::FixedTag<std::uint8_t, 16>;

// The number of rows of which one vector holds a window.
constexpr std::size_t windows =
    HWY_HAVE_SCALABLE ? 1 : std::min<std::size_t>(row_group_size, HWY_MAX_BYTES / 16);
template <std::size_t count>
using Windows = hn::FixedTag<std::uint8_t, 16 * count>;
template <std::size_t count>
using Sums = hn::FixedTag<std::int16_t, 8 * count>;

// `load` gives the window of one row.
template <std::size_t count, class Load>
HWY_INLINE hn::Vec<Windows<count> > windows_of(const std::uint8_t* const* rows, const Load& load) {
  if constexpr (count == 1) {
    return load(rows[0]);
  } else {
    const auto lower = windows_of<count / 2>(rows, load);
    return hn::Combine(Windows<count>(), windows_of<count / 2>(rows + count / 2, load), lower);
  }
}

template <std::size_t count>
HWY_INLINE void store_sums(hn::Vec<Sums<count> > sums, std::int16_t* const* to, std::size_t at) {
  if constexpr (count == 1) {
    hn::StoreU(sums, Sums<1>(), to[0] + at);
  } else {
    const Sums<count / 2> half;
    store_sums<count / 2>(hn::LowerHalf(half, sums), to, at);
    store_sums<count / 2>(hn::UpperHalf(half, sums), to + count / 2, at);
  }
}

// 128 x near + ((far - near) x weight >> 4); see the top of the file.
template <class Load>
HWY_INLINE void mix_block(const MixBlock& block, const std::uint8_t* const* rows,
                          std::int16_t* const* to, std::size_t at, const Load& load) {
  const Windows<windows> bytes;
  const Sums<windows> words;
  const auto nears = hn::LoadDup128(bytes, block.near.data());
  const auto fars = hn::LoadDup128(bytes, block.far.data());
  const auto weights = hn::LoadDup128(words, block.weight.data());
  for (std::size_t i = 0; i < row_group_size; i += windows) {
    const auto window = windows_of<windows>(rows + i, load);
    const auto near = hn::BitCast(words, hn::TableLookupBytesOr0(window, nears));
    const auto far = hn::BitCast(words, hn::TableLookupBytesOr0(window, fars));
    const auto part = hn::MulHigh(hn::ShiftLeft<7>(hn::Sub(near, far)), weights);
    store_sums<windows>(hn::Add(hn::ShiftLeft<7>(near), part), to + i, at);
  }
}

void MixHorizontally(const MixTable& table, const RowGroup<const std::uint8_t>& rows,
                     const RowGroup<std::int16_t>& to) {
  const Bytes16 bytes;
  const hn::Half<Bytes16> half;
  const std::size_t count = table.blocks.size();
  const RowGroup<const std::uint8_t> from = rows;  // in registers
  const RowGroup<std::int16_t> sums = to;
  if (table.second.empty()) {
    for (std::size_t i = 0; i < count; ++i) {
      const std::ptrdiff_t at = table.first[i];
      mix_block(table.blocks[i], from.data(), sums.data(), 8 * i,
                [&](const std::uint8_t* row) { return hn::LoadU(bytes, row + at); });
    }
    return;
  }
  const auto step = static_cast<std::size_t>(table.values_per_block);
  for (std::size_t i = 0; i < count; ++i) {
    const std::ptrdiff_t first = table.first[i];
    const std::ptrdiff_t second = table.second[i];
    mix_block(table.blocks[i], from.data(), sums.data(), step * i, [&](const std::uint8_t* row) {
      return hn::Combine(bytes, hn::LoadU(half, row + second), hn::LoadU(half, row + first));
    });
  }
}

HWY_INLINE auto mixed_vector(const std::int16_t* top, const std::int16_t* bottom,
                             RowWeights weights) {
  const hn::ScalableTag<std::int16_t> words;
  const hn::Rebind<std::uint8_t, decltype(words)> bytes;
  const auto upper = hn::MulHigh(hn::LoadU(words, top), hn::Set(words, weights.top));
  const auto lower = hn::MulHigh(hn::LoadU(words, bottom), hn::Set(words, weights.bottom));
  const auto sum = hn::Add(hn::Add(upper, lower), hn::Set(words, std::int16_t{2}));
  return hn::DemoteTo(bytes, hn::ShiftRight<2>(sum));
}

HWY_INLINE void mix_vector(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
                           std::uint8_t* to) {
  const hn::Rebind<std::uint8_t, hn::ScalableTag<std::int16_t> > bytes;
  hn::StoreU(mixed_vector(top, bottom, weights), bytes, to);
}

void MixRows(const std::int16_t* HWY_RESTRICT top, const std::int16_t* HWY_RESTRICT bottom,
             RowWeights weights, std::uint8_t* HWY_RESTRICT to, std::size_t values) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<std::int16_t>());
  if (values < lanes) return one_by_one::mix_rows(top, bottom, weights, to, values);
  std::size_t i = 0;
  for (; i + 2 * lanes <= values; i += 2 * lanes) {
    mix_vector(top + i, bottom + i, weights, to + i);
    mix_vector(top + i + lanes, bottom + i + lanes, weights, to + i + lanes);
  }
  for (; i + lanes <= values; i += lanes) mix_vector(top + i, bottom + i, weights, to + i);
  i = values - lanes;  // the last vector may overlap the one before
  mix_vector(top + i, bottom + i, weights, to + i);
}

// Bytes up to the next multiple of the vector size, where a vector may be streamed.
HWY_INLINE std::size_t before_boundary(const void* to, std::size_t vector) {
  return (vector - reinterpret_cast<std::uintptr_t>(to) % vector) % vector;
}

void StreamRows(const std::int16_t* HWY_RESTRICT top, const std::int16_t* HWY_RESTRICT bottom,
                RowWeights weights, std::uint8_t* HWY_RESTRICT to, std::size_t values) {
  const hn::ScalableTag<std::uint8_t> bytes;
  const std::size_t lanes = hn::Lanes(bytes);
  std::size_t i = std::min(values, before_boundary(to, lanes));
  one_by_one::mix_rows(top, bottom, weights, to, i);
  for (; i + lanes <= values; i += lanes) {
    const auto lower = mixed_vector(top + i, bottom + i, weights);
    const auto upper = mixed_vector(top + i + lanes / 2, bottom + i + lanes / 2, weights);
    hn::Stream(hn::Combine(bytes, upper, lower), bytes, to + i);
  }
  one_by_one::mix_rows(top + i, bottom + i, weights, to + i, values - i);
}

// A sum is 64 times two values: at most 65280 for both rows, which 16 bits hold without a sign.
void MeanOfRows(const std::int16_t* HWY_RESTRICT top, const std::int16_t* HWY_RESTRICT bottom,
                std::uint8_t* HWY_RESTRICT to, std::size_t values) {
  const hn::ScalableTag<std::int16_t> words;
  const hn::RebindToUnsigned<decltype(words)> naturals;
  const hn::Rebind<std::uint8_t, decltype(words)> bytes;
  const std::size_t lanes = hn::Lanes(words);
  std::size_t i = 0;
  for (; i + lanes <= values; i += lanes) {
    const auto sum =
        hn::BitCast(naturals, hn::Add(hn::LoadU(words, top + i), hn::LoadU(words, bottom + i)));
    const auto mean = hn::ShiftRight<8>(hn::Add(sum, hn::Set(naturals, std::uint16_t{128})));
    hn::StoreU(hn::DemoteTo(bytes, hn::BitCast(words, mean)), bytes, to + i);
  }
  one_by_one::mean_of_rows(top + i, bottom + i, to + i, values - i);
}

// Five pixels at a time. The 16th byte is wrong until the next five pixels overwrite it.
void ReversePixels(const std::uint8_t* HWY_RESTRICT from, std::uint8_t* HWY_RESTRICT to,
                   std::size_t width) {
  alignas(16) static constexpr std::uint8_t order[16] = {13, 14, 15, 10, 11, 12, 7, 8,
                                                         9,  4,  5,  6,  1,  2,  3, 0};
  const Bytes16 bytes;
  const auto reversed = hn::Load(bytes, order);
  std::size_t remaining = width;
  for (; remaining >= 6; remaining -= 5, to += 15) {
    hn::StoreU(hn::TableLookupBytes(hn::LoadU(bytes, from + 3 * remaining - 16), reversed), bytes,
               to);
  }
  one_by_one::reverse_pixels(from, to, remaining);
}

#endif

}  // namespace
}  // namespace pinfeed::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image {

HWY_EXPORT(MixHorizontally);
HWY_EXPORT(MixRows);
HWY_EXPORT(StreamRows);
HWY_EXPORT(MeanOfRows);
HWY_EXPORT(ReversePixels);

void mix_horizontally(const MixTable& table, const RowGroup<const std::uint8_t>& rows,
                      const RowGroup<std::int16_t>& to) {
  HWY_DYNAMIC_DISPATCH(MixHorizontally)(table, rows, to);
}

void mix_rows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
              std::uint8_t* to, std::size_t values) {
  HWY_DYNAMIC_DISPATCH(MixRows)(top, bottom, weights, to, values);
}

void stream_rows(const std::int16_t* top, const std::int16_t* bottom, RowWeights weights,
                 std::uint8_t* to, std::size_t values) {
  HWY_DYNAMIC_DISPATCH(StreamRows)(top, bottom, weights, to, values);
}

void mean_of_rows(const std::int16_t* top, const std::int16_t* bottom, std::uint8_t* to,
                  std::size_t values) {
  HWY_DYNAMIC_DISPATCH(MeanOfRows)(top, bottom, to, values);
}

void reverse_pixels(const std::uint8_t* from, std::uint8_t* to, std::size_t width) {
  HWY_DYNAMIC_DISPATCH(ReversePixels)(from, to, width);
}

}  // namespace pinfeed::image
#endif
