// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/resample/filter_kernels.h"

#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/resample/filter_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/resample/filter_kernels_plain.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void JoinRows(const std::array<const std::uint8_t*, 4>& rows, std::size_t width, std::uint8_t* to) {
  one_by_one::join_rows(rows, 0, width, to);
}

void FilterRows(const std::uint8_t* joined, std::span<const FilterTap> taps,
                const std::array<std::uint8_t*, 4>& to) {
  one_by_one::filter_rows(joined, taps, to);
}

void FilterColumns(const std::uint8_t* from, std::ptrdiff_t from_row, const FilterTap& tap,
                   std::size_t values, std::uint8_t* to) {
  one_by_one::filter_columns(from, from_row, tap, values, to);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

// The rows of which one vector holds a pixel, in four lanes each.
#if HWY_TARGET <= HWY_AVX3
constexpr std::size_t rows_at_once = 4;
#elif HWY_TARGET <= HWY_AVX2
constexpr std::size_t rows_at_once = 2;
#else
constexpr std::size_t rows_at_once = 1;
#endif
using Sums = hn::FixedTag<std::int32_t, 4 * rows_at_once>;
using SumBytes = hn::Rebind<std::uint8_t, Sums>;
using Bytes16 = hn::FixedTag<std::uint8_t, 16>;

// Four columns at a time, from 12 bytes of each row.
void JoinRows(const std::array<const std::uint8_t*, 4>& rows, std::size_t width,
              std::uint8_t* HWY_RESTRICT to) {
  alignas(16) static constexpr std::uint8_t spread[16] = {0, 1, 2, 2, 3, 4,  5,  5,
                                                          6, 7, 8, 8, 9, 10, 11, 11};
  const Bytes16 bytes;
  const hn::FixedTag<std::uint32_t, 4> pixels;
  const hn::FixedTag<std::uint64_t, 2> pairs;
  std::size_t x = 0;
  for (; x + 6 <= width; x += 4) {
    const auto row = [&](std::size_t i) {
      const auto window = hn::LoadU(bytes, rows[i] + 3 * x);
      return hn::BitCast(pixels, hn::TableLookupBytes(window, hn::Load(bytes, spread)));
    };
    const auto lower = hn::BitCast(pairs, hn::InterleaveLower(pixels, row(0), row(1)));
    const auto upper = hn::BitCast(pairs, hn::InterleaveUpper(pixels, row(0), row(1)));
    const auto lower_end = hn::BitCast(pairs, hn::InterleaveLower(pixels, row(2), row(3)));
    const auto upper_end = hn::BitCast(pairs, hn::InterleaveUpper(pixels, row(2), row(3)));
    const auto store = [&](std::size_t column, auto both) {
      hn::StoreU(hn::BitCast(bytes, both), bytes, to + 16 * (x + column));
    };
    store(0, hn::InterleaveLower(pairs, lower, lower_end));
    store(1, hn::InterleaveUpper(pairs, lower, lower_end));
    store(2, hn::InterleaveLower(pairs, upper, upper_end));
    store(3, hn::InterleaveUpper(pairs, upper, upper_end));
  }
  one_by_one::join_rows(rows, x, width, to);
}

// One column of the four rows. Two taps at a time; an odd number of weights is followed by a 0, so
// that neighbouring pixels take the same number of iterations.
HWY_INLINE void filter_pixel(const std::uint8_t* joined, const FilterTap& tap,
                             std::uint8_t* HWY_RESTRICT to) {
  const Sums sums;
  const SumBytes bytes;
  for (std::size_t part = 0; part < 16; part += hn::Lanes(sums)) {
    const std::uint8_t* at = joined + std::ptrdiff_t{16} * tap.first + part;
    const auto share = [&](std::size_t k) HWY_ATTR {
      const auto values = hn::PromoteTo(sums, hn::LoadU(bytes, at + 16 * k));
      return hn::Mul(values, hn::Set(sums, tap.weights[k]));
    };
    auto first = hn::Set(sums, one_by_one::half_of_filter);
    auto second = hn::Zero(sums);
    for (std::size_t k = 0; k < static_cast<std::size_t>(tap.count); k += 2) {
      first = hn::Add(first, share(k));
      second = hn::Add(second, share(k + 1));
    }
    const auto sum = hn::ShiftRight<filter_bits>(hn::Add(first, second));
    hn::StoreU(hn::DemoteTo(bytes, sum), bytes, to + part);
  }
}

// Converts four columns of four rows to four rows of 12 bytes. Overwrites four bytes after each.
HWY_INLINE void split_rows(const std::uint8_t* columns, const std::array<std::uint8_t*, 4>& to,
                           std::size_t x) {
  alignas(16) static constexpr std::uint8_t packed[16] = {0,  1,  2,  4,  5,  6,  8,  9,
                                                          10, 12, 13, 14, 15, 15, 15, 15};
  const Bytes16 bytes;
  const hn::FixedTag<std::uint32_t, 4> pixels;
  const hn::FixedTag<std::uint64_t, 2> pairs;
  const auto column = [&](std::size_t i) HWY_ATTR {
    return hn::BitCast(pixels, hn::Load(bytes, columns + 16 * i));
  };
  const auto upper = hn::BitCast(pairs, hn::InterleaveLower(pixels, column(0), column(1)));
  const auto upper_end = hn::BitCast(pairs, hn::InterleaveLower(pixels, column(2), column(3)));
  const auto lower = hn::BitCast(pairs, hn::InterleaveUpper(pixels, column(0), column(1)));
  const auto lower_end = hn::BitCast(pairs, hn::InterleaveUpper(pixels, column(2), column(3)));
  const auto store = [&](std::size_t row, auto four) HWY_ATTR {
    const auto pixels_of_row =
        hn::TableLookupBytes(hn::BitCast(bytes, four), hn::Load(bytes, packed));
    hn::StoreU(pixels_of_row, bytes, to[row] + 3 * x);
  };
  store(0, hn::InterleaveLower(pairs, upper, upper_end));
  store(1, hn::InterleaveUpper(pairs, upper, upper_end));
  store(2, hn::InterleaveLower(pairs, lower, lower_end));
  store(3, hn::InterleaveUpper(pairs, lower, lower_end));
}

// Four pixels at a time while at least two more follow, which overwrite the four extra bytes.
void FilterRows(const std::uint8_t* HWY_RESTRICT joined, std::span<const FilterTap> taps,
                const std::array<std::uint8_t*, 4>& to) {
  alignas(16) std::uint8_t columns[64];
  std::size_t x = 0;
  for (; x + 6 <= taps.size(); x += 4) {
    for (std::size_t i = 0; i < 4; ++i) filter_pixel(joined, taps[x + i], columns + 16 * i);
    split_rows(columns, to, x);
  }
  for (; x < taps.size(); ++x) {
    filter_pixel(joined, taps[x], columns);
    for (std::size_t row = 0; row < 4; ++row) std::memcpy(to[row] + 3 * x, columns + 4 * row, 3);
  }
}

template <std::size_t vectors>
HWY_INLINE void filter_block(const std::uint8_t* from, std::ptrdiff_t from_row,
                             const FilterTap& tap, std::uint8_t* to) {
  const hn::ScalableTag<std::int32_t> ints;
  const hn::Rebind<std::uint8_t, decltype(ints)> bytes;
  const std::size_t lanes = hn::Lanes(ints);
  hn::Vec<decltype(ints)> sums[vectors];
  for (auto& sum : sums) sum = hn::Set(ints, one_by_one::half_of_filter);
  for (int k = 0; k < tap.count; ++k, from += from_row) {
    const auto weight = hn::Set(ints, tap.weights[k]);
    for (std::size_t i = 0; i < vectors; ++i) {
      const auto values = hn::PromoteTo(ints, hn::LoadU(bytes, from + i * lanes));
      sums[i] = hn::Add(sums[i], hn::Mul(values, weight));
    }
  }
  for (std::size_t i = 0; i < vectors; ++i) {
    const auto result = hn::ShiftRight<filter_bits>(sums[i]);
    hn::StoreU(hn::DemoteTo(bytes, result), bytes, to + i * lanes);
  }
}

void FilterColumns(const std::uint8_t* from, std::ptrdiff_t from_row, const FilterTap& tap,
                   std::size_t values, std::uint8_t* to) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<std::int32_t>());
  if (values < lanes) return one_by_one::filter_columns(from, from_row, tap, values, to);
  std::size_t i = 0;
  for (; i + 4 * lanes <= values; i += 4 * lanes) filter_block<4>(from + i, from_row, tap, to + i);
  for (; i + lanes <= values; i += lanes) filter_block<1>(from + i, from_row, tap, to + i);
  i = values - lanes;  // the last vector may overlap the one before
  filter_block<1>(from + i, from_row, tap, to + i);
}

#endif

}  // namespace
}  // namespace pinfeed::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image {

HWY_EXPORT(JoinRows);
HWY_EXPORT(FilterRows);
HWY_EXPORT(FilterColumns);

void join_rows(const std::array<const std::uint8_t*, 4>& rows, std::size_t width,
               std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(JoinRows)(rows, width, to);
}

void filter_rows(const std::uint8_t* joined, std::span<const FilterTap> taps,
                 const std::array<std::uint8_t*, 4>& to) {
  HWY_DYNAMIC_DISPATCH(FilterRows)(joined, taps, to);
}

void filter_columns(const std::uint8_t* from, std::ptrdiff_t from_row, const FilterTap& tap,
                    std::size_t values, std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(FilterColumns)(from, from_row, tap, values, to);
}

}  // namespace pinfeed::image
#endif
