// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/codec/jpeg/sample_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/codec/jpeg/sample_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/codec/jpeg/sample_kernels_plain.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::jpeg::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void SmoothColumns(const SampleRow& row, std::uint8_t* to) {
  for (std::size_t i = 0; i < row.count; ++i) one_by_one::smooth_column(row, i, to);
}

void SmoothBoth(const SampleRow& near, const std::uint8_t* far, std::uint16_t* sums,
                std::uint8_t* to) {
  one_by_one::add_rows(near.samples, far, 0, near.count, sums);
  one_by_one::add_edges(near, far, sums);
  one_by_one::smooth_sums(sums, 0, near.count, to);
}

void SmoothRows(const std::uint8_t* near, const std::uint8_t* far, unsigned bias, std::size_t count,
                std::uint8_t* to) {
  one_by_one::smooth_rows(near, far, bias, 0, count, to);
}

void FromYcc(const std::array<const std::uint8_t*, 3>& planes, std::size_t count, bool rgb,
             std::uint8_t* to) {
  one_by_one::from_ycc(planes, 0, count, rgb, to);
}

void Interleave(const std::array<const std::uint8_t*, 3>& planes, std::size_t count,
                std::uint8_t* to) {
  one_by_one::interleave(planes, 0, count, to);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Unsigned = hn::CappedTag<std::uint16_t, 32>;
using Signed = hn::RebindToSigned<Unsigned>;
using Bytes = hn::Rebind<std::uint8_t, Unsigned>;

HWY_INLINE hn::Vec<Unsigned> at(const std::uint8_t* from) {
  return hn::PromoteTo(Unsigned(), hn::LoadU(Bytes(), from));
}

HWY_INLINE hn::Vec<Unsigned> three_times(hn::Vec<Unsigned> value) {
  return hn::Add(value, hn::Add(value, value));
}

// Values of one byte each as adjacent bytes.
HWY_INLINE void store_pairs(hn::Vec<Unsigned> even, hn::Vec<Unsigned> odd, std::uint8_t* to) {
  const hn::Repartition<std::uint8_t, Unsigned> bytes;
  hn::StoreU(hn::BitCast(bytes, hn::Or(even, hn::ShiftLeft<8>(odd))), bytes, to);
}

void SmoothColumns(const SampleRow& row, std::uint8_t* HWY_RESTRICT to) {
  const Unsigned d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  if (row.count > 0) one_by_one::smooth_column(row, i++, to);
  for (; i + lanes < row.count; i += lanes) {
    const auto three = three_times(at(row.samples + i));
    const auto left = hn::Add(at(row.samples + i - 1), hn::Set(d, 1));
    const auto right = hn::Add(at(row.samples + i + 1), hn::Set(d, 2));
    store_pairs(hn::ShiftRight<2>(hn::Add(three, left)), hn::ShiftRight<2>(hn::Add(three, right)),
                to + 2 * i);
  }
  for (; i < row.count; ++i) one_by_one::smooth_column(row, i, to);
}

void SmoothBoth(const SampleRow& near, const std::uint8_t* HWY_RESTRICT far,
                std::uint16_t* HWY_RESTRICT sums, std::uint8_t* HWY_RESTRICT to) {
  const Unsigned d;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= near.count; i += lanes)
    hn::StoreU(hn::Add(three_times(at(near.samples + i)), at(far + i)), d, sums + i + 1);
  one_by_one::add_rows(near.samples, far, i, near.count, sums);
  one_by_one::add_edges(near, far, sums);
  for (i = 0; i + lanes <= near.count; i += lanes) {
    const auto three = three_times(hn::LoadU(d, sums + i + 1));
    const auto left = hn::Add(hn::LoadU(d, sums + i), hn::Set(d, 8));
    const auto right = hn::Add(hn::LoadU(d, sums + i + 2), hn::Set(d, 7));
    store_pairs(hn::ShiftRight<4>(hn::Add(three, left)), hn::ShiftRight<4>(hn::Add(three, right)),
                to + 2 * i);
  }
  one_by_one::smooth_sums(sums, i, near.count, to);
}

void SmoothRows(const std::uint8_t* HWY_RESTRICT near, const std::uint8_t* HWY_RESTRICT far,
                unsigned bias, std::size_t count, std::uint8_t* HWY_RESTRICT to) {
  const Unsigned d;
  const Bytes bytes;
  const std::size_t lanes = hn::Lanes(d);
  const auto rounding = hn::Set(d, static_cast<std::uint16_t>(bias));
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto sum = hn::Add(hn::Add(three_times(at(near + i)), at(far + i)), rounding);
    const auto result = hn::BitCast(Signed(), hn::ShiftRight<2>(sum));
    hn::StoreU(hn::DemoteTo(bytes, result), bytes, to + i);
  }
  one_by_one::smooth_rows(near, far, bias, i, count, to);
}

// Lanes of Cb or Cr around 0.
HWY_INLINE hn::Vec<Signed> centred(const std::uint8_t* from) {
  return hn::Sub(hn::BitCast(Signed(), at(from)), hn::Set(Signed(), 128));
}

// value * factor / 2^16, rounded.
HWY_INLINE hn::Vec<Signed> scaled(hn::Vec<Signed> value, std::int16_t factor) {
  const Signed d;
  const auto twice = hn::MulHigh(hn::Add(value, value), hn::Set(d, factor));
  return hn::ShiftRight<1>(hn::Add(twice, hn::Set(d, 1)));
}

// Half of a vector of cb * -0.34414 + cr * 0.28586, rounded.
template <class Pairs>
HWY_INLINE auto green_part(Pairs pairs) {
  const hn::Repartition<std::int32_t, Signed> d;
  const auto factors = hn::BitCast(
      Signed(), hn::Set(d, static_cast<std::int32_t>(std::uint32_t{18734} << 16U |
                                                     static_cast<std::uint16_t>(-22554))));
  auto unused = hn::Zero(d);
  return hn::ShiftRight<16>(
      hn::ReorderWidenMulAccumulate(d, pairs, factors, hn::Set(d, 1 << 15), unused));
}

void FromYcc(const std::array<const std::uint8_t*, 3>& planes, std::size_t count, bool rgb,
             std::uint8_t* HWY_RESTRICT to) {
  const Signed d;
  const Bytes bytes;
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto y = hn::BitCast(d, at(planes[0] + i));
    const auto cb = centred(planes[1] + i);
    const auto cr = centred(planes[2] + i);
    const auto red = hn::DemoteTo(bytes, hn::Add(hn::Add(y, cr), scaled(cr, 26345)));
    const auto blue = hn::DemoteTo(bytes, hn::Add(hn::Add(y, hn::Add(cb, cb)), scaled(cb, -14942)));
    const auto parts = hn::ReorderDemote2To(d, green_part(hn::InterleaveLower(d, cb, cr)),
                                            green_part(hn::InterleaveUpper(d, cb, cr)));
    const auto green = hn::DemoteTo(bytes, hn::Sub(hn::Add(y, parts), cr));
    hn::StoreInterleaved3(rgb ? red : blue, green, rgb ? blue : red, bytes, to + 3 * i);
  }
  one_by_one::from_ycc(planes, i, count, rgb, to);
}

void Interleave(const std::array<const std::uint8_t*, 3>& planes, std::size_t count,
                std::uint8_t* HWY_RESTRICT to) {
  const Bytes bytes;
  const std::size_t lanes = hn::Lanes(bytes);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    hn::StoreInterleaved3(hn::LoadU(bytes, planes[0] + i), hn::LoadU(bytes, planes[1] + i),
                          hn::LoadU(bytes, planes[2] + i), bytes, to + 3 * i);
  }
  one_by_one::interleave(planes, i, count, to);
}

#endif

}  // namespace
}  // namespace pinfeed::image::jpeg::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image::jpeg {

HWY_EXPORT(SmoothColumns);
HWY_EXPORT(SmoothBoth);
HWY_EXPORT(SmoothRows);
HWY_EXPORT(FromYcc);
HWY_EXPORT(Interleave);

void smooth_columns(const SampleRow& row, std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(SmoothColumns)(row, to);
}

void smooth_both(const SampleRow& near, const std::uint8_t* far, std::uint16_t* sums,
                 std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(SmoothBoth)(near, far, sums, to);
}

void smooth_rows(const std::uint8_t* near, const std::uint8_t* far, unsigned bias,
                 std::size_t count, std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(SmoothRows)(near, far, bias, count, to);
}

void from_ycc(const std::array<const std::uint8_t*, 3>& planes, std::size_t count, bool rgb,
              std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(FromYcc)(planes, count, rgb, to);
}

void interleave(const std::array<const std::uint8_t*, 3>& planes, std::size_t count,
                std::uint8_t* to) {
  HWY_DYNAMIC_DISPATCH(Interleave)(planes, count, to);
}

}  // namespace pinfeed::image::jpeg
#endif
