// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/memory/normalize_rows.h"

#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/memory/normalize_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace pinfeed::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// The remaining pixels of a row, or all pixels on targets without SIMD.
void OneByOne(const std::uint8_t* from, const PixelRule& rule, std::size_t first,
              std::size_t pixels, float* to, std::size_t plane) {
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t source = rule.reverse_channels ? 2 - c : c;
    for (std::size_t x = first; x < pixels; ++x) {
      const auto value = static_cast<float>(from[3 * x + source]);
      to[c * plane + x] = rule.normalize ? (value - rule.mean[c]) / rule.std[c] : value;
    }
  }
}

#if HWY_TARGET == HWY_SCALAR

void ThreePlanes(const std::uint8_t* from, const PixelRule& rule, std::size_t pixels, float* to,
                 std::size_t plane) {
  OneByOne(from, rule, 0, pixels, to, plane);
}

#else

// Converts one vector of bytes to four vectors of floats.
template <class Bytes>
HWY_INLINE void write_plane(Bytes bytes, hn::VFromD<Bytes> values, float mean, float std,
                            bool normalize, float* to) {
  const hn::Repartition<float, Bytes> floats;
  const hn::RebindToSigned<decltype(floats)> whole;
  const hn::Rebind<std::uint8_t, decltype(floats)> quarter;
  const std::size_t step = hn::Lanes(floats);
  alignas(64) std::array<std::uint8_t, hn::MaxLanes(Bytes())> lanes;
  hn::Store(values, bytes, lanes.data());
  for (std::size_t i = 0; i < 4; ++i) {
    const auto four = hn::PromoteTo(whole, hn::LoadU(quarter, lanes.data() + i * step));
    auto result = hn::ConvertTo(floats, four);
    if (normalize) {
      result = hn::Div(hn::Sub(result, hn::Set(floats, mean)), hn::Set(floats, std));
    }
    hn::StoreU(result, floats, to + i * step);
  }
}

void ThreePlanes(const std::uint8_t* HWY_RESTRICT from, const PixelRule& rule, std::size_t pixels,
                 float* HWY_RESTRICT to, std::size_t plane) {
  const hn::ScalableTag<std::uint8_t> bytes;
  const std::size_t step = hn::Lanes(bytes);
  std::size_t x = 0;
  for (; x + step <= pixels; x += step) {
    hn::VFromD<decltype(bytes)> a;
    hn::VFromD<decltype(bytes)> b;
    hn::VFromD<decltype(bytes)> c;
    hn::LoadInterleaved3(bytes, from + 3 * x, a, b, c);
    if (rule.reverse_channels) std::swap(a, c);
    write_plane(bytes, a, rule.mean[0], rule.std[0], rule.normalize, to + x);
    write_plane(bytes, b, rule.mean[1], rule.std[1], rule.normalize, to + plane + x);
    write_plane(bytes, c, rule.mean[2], rule.std[2], rule.normalize, to + 2 * plane + x);
  }
  OneByOne(from, rule, x, pixels, to, plane);
}

#endif

}  // namespace
}  // namespace pinfeed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed {

HWY_EXPORT(ThreePlanes);

void normalize_three_planes(const std::uint8_t* from, const PixelRule& rule, std::size_t pixels,
                            float* to, std::size_t plane) {
  HWY_DYNAMIC_DISPATCH(ThreePlanes)(from, rule, pixels, to, plane);
}

}  // namespace pinfeed
#endif
