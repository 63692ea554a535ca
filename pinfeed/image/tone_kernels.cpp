// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/tone_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/image/tone_kernels.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "pinfeed/image/tone_kernels_plain.h"

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
  one_by_one::normalize_bytes(from, rule, to, 0, values);
}

void StreamNormalized(const std::uint8_t* from, const ChannelRule& rule, float* to,
                      std::size_t values) {
  one_by_one::normalize_bytes(from, rule, to, 0, values);
}

void SplitChannels(const std::uint8_t* from, const std::array<std::uint8_t*, 3>& planes,
                   std::size_t pixels) {
  one_by_one::split_channels(from, planes, 0, pixels);
}

#else

namespace hn = hwy::HWY_NAMESPACE;

using Bytes16 = hn::FixedTag<std::uint8_t, 16>;

HWY_INLINE auto floats_at(const std::uint8_t* from) {
  const hn::ScalableTag<float> floats;
  const hn::Rebind<std::uint8_t, decltype(floats)> bytes;
  const hn::RebindToSigned<decltype(floats)> integers;
  return hn::ConvertTo(floats, hn::PromoteTo(integers, hn::LoadU(bytes, from)));
}

void BytesToFloats(const std::uint8_t* HWY_RESTRICT from, float* HWY_RESTRICT to,
                   std::size_t values) {
  const hn::ScalableTag<float> floats;
  const std::size_t lanes = hn::Lanes(floats);
  std::size_t i = 0;
  for (; i + lanes <= values; i += lanes) hn::StoreU(floats_at(from + i), floats, to + i);
  one_by_one::bytes_to_floats(from + i, to + i, values - i);
}

// Byte 15 stays: it is the next five pixels' first. These are loaded before it is stored, since a
// load that overlaps a store under way waits for it.
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

// The rule of Normalization, one value for each lane.
HWY_INLINE hn::Vec<hn::ScalableTag<float> > normalized(const std::uint8_t* from, const float* mean,
                                                       const double* scale) {
  const hn::ScalableTag<float> floats;
  const hn::Half<decltype(floats)> half;
  const hn::Rebind<double, decltype(half)> doubles;
  const auto centred = hn::Sub(floats_at(from), hn::LoadU(floats, mean));
  const auto lower =
      hn::Mul(hn::PromoteTo(doubles, hn::LowerHalf(half, centred)), hn::LoadU(doubles, scale));
  const auto upper = hn::Mul(hn::PromoteTo(doubles, hn::UpperHalf(half, centred)),
                             hn::LoadU(doubles, scale + hn::Lanes(doubles)));
  return hn::Combine(floats, hn::DemoteTo(half, upper), hn::DemoteTo(half, lower));
}

// Three vectors at a time, so that each begins with the channel it began with before.
template <class Store>
HWY_INLINE std::size_t normalize_from(std::size_t first, std::size_t values,
                                      const std::uint8_t* HWY_RESTRICT from,
                                      const ChannelRule& rule, const Store& store) {
  const std::size_t lanes = hn::Lanes(hn::ScalableTag<float>());
  const float* mean = rule.mean.data() + first % 3;
  const double* scale = rule.scale.data() + first % 3;
  std::size_t i = first;
  for (; i + 3 * lanes <= values; i += 3 * lanes) {
    for (std::size_t part = 0; part < 3 * lanes; part += lanes) {
      store(normalized(from + i + part, mean + part, scale + part), i + part);
    }
  }
  return i;
}

void NormalizeBytes(const std::uint8_t* HWY_RESTRICT from, const ChannelRule& rule,
                    float* HWY_RESTRICT to, std::size_t values) {
  const hn::ScalableTag<float> floats;
  const std::size_t done = normalize_from(
      0, values, from, rule, [&](auto v, std::size_t i) { hn::StoreU(v, floats, to + i); });
  one_by_one::normalize_bytes(from, rule, to, done, values);
}

void StreamNormalized(const std::uint8_t* HWY_RESTRICT from, const ChannelRule& rule,
                      float* HWY_RESTRICT to, std::size_t values) {
  const hn::ScalableTag<float> floats;
  const std::size_t lanes = hn::Lanes(floats);
  const std::size_t over = reinterpret_cast<std::uintptr_t>(to) / sizeof(float) % lanes;
  const std::size_t head = std::min(values, (lanes - over) % lanes);
  one_by_one::normalize_bytes(from, rule, to, 0, head);
  const std::size_t done = normalize_from(
      head, values, from, rule, [&](auto v, std::size_t i) { hn::Stream(v, floats, to + i); });
  one_by_one::normalize_bytes(from, rule, to, done, values);
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

ChannelRule channel_rule(const Normalization& rule) {
  ChannelRule repeated;
  for (std::size_t i = 0; i < repeated.mean.size(); ++i) {
    repeated.mean[i] = rule.mean[i % 3];
    repeated.scale[i] = 1.0 / static_cast<double>(rule.std[i % 3]);
  }
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

void finish_streams() { hwy::FlushStream(); }

void split_channels(const std::uint8_t* from, const std::array<std::uint8_t*, 3>& planes,
                    std::size_t pixels) {
  HWY_DYNAMIC_DISPATCH(SplitChannels)(from, planes, pixels);
}

}  // namespace pinfeed::image
#endif
