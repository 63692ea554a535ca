// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/color/tone_kernels.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/color/tone_kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/color/tone_kernels_plain.h"

HWY_BEFORE_NAMESPACE();
namespace pinfeed::image::HWY_NAMESPACE {
namespace {

#if HWY_TARGET == HWY_SCALAR

void SwapChannels(std::uint8_t* row, std::size_t width) { one_by_one::swap_channels(row, width); }

void BytesToFloats(const std::uint8_t* from, float* to, std::size_t values) {
  one_by_one::bytes_to_floats(from, to, values);
}

void NormalizeBytes(const std::uint8_t* from, const ChannelRule& rule, float* to,
                    std::size_t values) {
  one_by_one::normalize_bytes(from, rule, to, values);
}

void StreamNormalized(const std::uint8_t* from, const ChannelRule& rule, float* to,
                      std::size_t values) {
  one_by_one::normalize_bytes(from, rule, to, values);
}

void SplitChannels(const std::uint8_t* from, const std::array<std::uint8_t*, 3>& planes,
                   std::size_t pixels) {
  one_by_one::split_channels(from, planes, 0, pixels);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Bytes16 = hn::FixedTag<std::uint8_t, 16>;
using Floats = hn::CappedTag<float, ChannelRule::max_lanes>;

HWY_INLINE auto floats_at(const std::uint8_t* from) {
  const Floats floats;
  const hn::Rebind<std::uint8_t, decltype(floats)> bytes;
  const hn::RebindToSigned<decltype(floats)> integers;
  return hn::ConvertTo(floats, hn::PromoteTo(integers, hn::LoadU(bytes, from)));
}

void BytesToFloats(const std::uint8_t* HWY_RESTRICT from, float* HWY_RESTRICT to,
                   std::size_t values) {
  const Floats floats;
  const std::size_t lanes = hn::Lanes(floats);
  std::size_t i = 0;
  for (; i + lanes <= values; i += lanes) hn::StoreU(floats_at(from + i), floats, to + i);
  one_by_one::bytes_to_floats(from + i, to + i, values - i);
}

// Five pixels at a time. Byte 15 is the first of the next five pixels and stays as it is. They are
// loaded before the store, since a load that overlaps a pending store waits for it.
void SwapChannels(std::uint8_t* row, std::size_t width) {
  alignas(16) static constexpr std::uint8_t order[16] = {2, 1,  0,  5, 4,  3,  8,  7,
                                                         6, 11, 10, 9, 14, 13, 12, 15};
  const Bytes16 bytes;
  const auto swapped = hn::Load(bytes, order);
  if (width >= 6) {
    auto five = hn::LoadU(bytes, row);
    for (; width >= 11; width -= 5, row += 15) {
      const auto next = hn::LoadU(bytes, row + 15);
      hn::StoreU(hn::TableLookupBytes(five, swapped), bytes, row);
      five = next;
    }
    hn::StoreU(hn::TableLookupBytes(five, swapped), bytes, row);
    width -= 5;
    row += 15;
  }
  one_by_one::swap_channels(row, width);
}

// Normalizes the values from i on, the first of which belongs to channel `channel` % 3.
template <bool by_parts>
HWY_INLINE hn::Vec<Floats> normalized(const std::uint8_t* from, std::size_t i,
                                      const ChannelRule& rule, std::size_t channel) {
  const Floats floats;
  const auto centred = hn::Sub(floats_at(from + i), hn::LoadU(floats, &rule.mean[channel]));
  if constexpr (by_parts) {
    const auto low = hn::Mul(centred, hn::LoadU(floats, &rule.low_part[channel]));
    return hn::MulAdd(centred, hn::LoadU(floats, &rule.high_part[channel]), low);
  } else {
    const hn::Half<Floats> half;
    const hn::Rebind<double, decltype(half)> doubles;
    const double* scale = &rule.scale[channel];
    const auto lower =
        hn::Mul(hn::PromoteTo(doubles, hn::LowerHalf(half, centred)), hn::LoadU(doubles, scale));
    const auto upper = hn::Mul(hn::PromoteTo(doubles, hn::UpperHalf(half, centred)),
                               hn::LoadU(doubles, scale + hn::Lanes(doubles)));
    return hn::Combine(floats, hn::DemoteTo(half, upper), hn::DemoteTo(half, lower));
  }
}

// Three vectors at a time, so that each begins with the same channel in every iteration. `store`
// gets offsets that are multiples of a vector from `first` on; the ends are stored unaligned and
// overlap them.
template <bool by_parts, class Store>
HWY_INLINE void normalize_row(const std::uint8_t* from, const ChannelRule& rule, float* to,
                              std::size_t values, std::size_t first, const Store& store) {
  const Floats floats;
  const std::size_t lanes = hn::Lanes(floats);
  if (values < lanes) return one_by_one::normalize_bytes(from, rule, to, values);
  hn::StoreU(normalized<by_parts>(from, 0, rule, 0), floats, to);
  std::size_t i = first;
  for (; i + 3 * lanes <= values; i += 3 * lanes) {
    for (std::size_t part = 0; part < 3 * lanes; part += lanes)
      store(normalized<by_parts>(from, i + part, rule, first % 3 + part), i + part);
  }
  for (; i < values; i += lanes) {
    const std::size_t at = std::min(i, values - lanes);
    hn::StoreU(normalized<by_parts>(from, at, rule, at % 3), floats, to + at);
  }
}

template <class Store>
HWY_INLINE void normalize_row(const std::uint8_t* from, const ChannelRule& rule, float* to,
                              std::size_t values, std::size_t first, const Store& store) {
  if (HWY_NATIVE_FMA && rule.parts_are_exact)
    normalize_row<true>(from, rule, to, values, first, store);
  else
    normalize_row<false>(from, rule, to, values, first, store);
}

void NormalizeBytes(const std::uint8_t* HWY_RESTRICT from, const ChannelRule& rule,
                    float* HWY_RESTRICT to, std::size_t values) {
  normalize_row(from, rule, to, values, 0,
                [&](auto v, std::size_t i) { hn::StoreU(v, Floats(), to + i); });
}

void StreamNormalized(const std::uint8_t* HWY_RESTRICT from, const ChannelRule& rule,
                      float* HWY_RESTRICT to, std::size_t values) {
  const std::size_t lanes = hn::Lanes(Floats());
  const std::size_t over = reinterpret_cast<std::uintptr_t>(to) / sizeof(float) % lanes;
  normalize_row(from, rule, to, values, (lanes - over) % lanes,
                [&](auto v, std::size_t i) { hn::Stream(v, Floats(), to + i); });
}

void SplitChannels(const std::uint8_t* HWY_RESTRICT from,
                   const std::array<std::uint8_t*, 3>& planes, std::size_t pixels) {
  const Bytes16 bytes;
  std::size_t i = 0;
  for (; i + 16 <= pixels; i += 16) {
    hn::Vec<Bytes16> first;
    hn::Vec<Bytes16> second;
    hn::Vec<Bytes16> third;
    hn::LoadInterleaved3(bytes, from + 3 * i, first, second, third);
    hn::StoreU(first, bytes, planes[0] + i);
    hn::StoreU(second, bytes, planes[1] + i);
    hn::StoreU(third, bytes, planes[2] + i);
  }
  one_by_one::split_channels(from, planes, i, pixels);
}

#endif

}  // namespace
}  // namespace pinfeed::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed::image {

HWY_EXPORT(SwapChannels);
HWY_EXPORT(BytesToFloats);
HWY_EXPORT(NormalizeBytes);
HWY_EXPORT(StreamNormalized);
HWY_EXPORT(SplitChannels);

void swap_channels(std::uint8_t* row, std::size_t width) {
  HWY_DYNAMIC_DISPATCH(SwapChannels)(row, width);
}

void bytes_to_floats(const std::uint8_t* from, float* to, std::size_t values) {
  HWY_DYNAMIC_DISPATCH(BytesToFloats)(from, to, values);
}

namespace {

bool exact_by_parts(const ChannelRule& rule) {
  for (std::size_t channel = 0; channel < 3; ++channel) {
    for (int value = 0; value < 256; ++value) {
      const float centred = static_cast<float>(value) - rule.mean[channel];
      const float by_parts =
          std::fma(centred, rule.high_part[channel], centred * rule.low_part[channel]);
      if (by_parts != one_by_one::normalized(static_cast<std::uint8_t>(value), rule, channel))
        return false;
    }
  }
  return true;
}

}  // namespace

ChannelRule channel_rule(const Normalization& rule) {
  ChannelRule repeated;
  for (std::size_t i = 0; i < repeated.mean.size(); ++i) {
    const double scale = 1.0 / static_cast<double>(rule.std[i % 3]);
    repeated.mean[i] = rule.mean[i % 3];
    repeated.scale[i] = scale;
    repeated.high_part[i] = static_cast<float>(scale);
    repeated.low_part[i] = static_cast<float>(scale - static_cast<double>(repeated.high_part[i]));
  }
  repeated.parts_are_exact = exact_by_parts(repeated);
  return repeated;
}

void normalize_bytes(const std::uint8_t* from, const ChannelRule& rule, float* to,
                     std::size_t values) {
  HWY_DYNAMIC_DISPATCH(NormalizeBytes)(from, rule, to, values);
}

void stream_normalized(const std::uint8_t* from, const ChannelRule& rule, float* to,
                       std::size_t values) {
  HWY_DYNAMIC_DISPATCH(StreamNormalized)(from, rule, to, values);
}

void split_channels(const std::uint8_t* from, const std::array<std::uint8_t*, 3>& planes,
                    std::size_t pixels) {
  HWY_DYNAMIC_DISPATCH(SplitChannels)(from, planes, pixels);
}

}  // namespace pinfeed::image
#endif
