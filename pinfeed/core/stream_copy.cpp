// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/core/stream_copy.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "pinfeed/core/stream_copy.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace pinfeed::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

void StreamCopy(std::byte* to, const std::byte* from, std::size_t bytes) {
  const hn::ScalableTag<std::uint8_t> lanes;
  const std::size_t step = hn::Lanes(lanes);
  // Vectors are streamed to multiples of their size only.
  const std::size_t head =
      std::min(bytes, (step - reinterpret_cast<std::uintptr_t>(to) % step) % step);
  std::memcpy(to, from, head);
  std::size_t at = head;
  for (; at + step <= bytes; at += step) {
    const auto* source = reinterpret_cast<const std::uint8_t*>(from + at);
    hn::Stream(hn::LoadU(lanes, source), lanes, reinterpret_cast<std::uint8_t*>(to + at));
  }
  std::memcpy(to + at, from + at, bytes - at);
}

}  // namespace
}  // namespace pinfeed::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pinfeed {

HWY_EXPORT(StreamCopy);

void stream_copy_unfenced(std::byte* to, const std::byte* from, std::size_t bytes) {
  HWY_DYNAMIC_DISPATCH(StreamCopy)(to, from, bytes);
}

void stream_copy(std::byte* to, const std::byte* from, std::size_t bytes) {
  stream_copy_unfenced(to, from, bytes);
  finish_streams();
}

void finish_streams() { hwy::FlushStream(); }

}  // namespace pinfeed
#endif
