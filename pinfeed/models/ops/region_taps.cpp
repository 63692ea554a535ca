// SPDX-License-Identifier: Apache-2.0
// Source of the rules: RoIAlign of mmcv; bilinear weights are products of one weight of each axis.
#include "pinfeed/models/ops/region_taps.h"

#include <algorithm>
#include <cmath>

namespace pinfeed {
namespace {

constexpr float most_samples = 4096.0F;  // of a cell; no map has as many positions in one

RegionTap tap_at(float position, std::int64_t length) {
  const auto end = static_cast<float>(length);
  if (!(position >= -1.0F && position <= end)) return {};
  position = std::max(position, 0.0F);
  const auto low = static_cast<std::int64_t>(position);
  if (low >= length - 1) return {length - 1, length - 1, 1.0F, 0.0F};
  const float fraction = position - static_cast<float>(low);
  // A weight of 0 would still make NaN of a position that is NaN.
  return {low, fraction > 0.0F ? low + 1 : low, 1.0F - fraction, fraction};
}

}  // namespace

RegionAxis region_axis(float begin, float end, std::int64_t cells, int sampling_ratio,
                       std::int64_t length) {
  RegionAxis axis;
  if (!std::isfinite(begin) || !std::isfinite(end)) return axis;
  const float extent = end - begin;
  const float cell = extent / static_cast<float>(cells);
  // Negative extents have no samples.
  const float wanted = std::ceil(extent / static_cast<float>(cells));
  const float samples = wanted > 0.0F ? std::min(wanted, most_samples) : 0.0F;
  axis.per_cell = sampling_ratio > 0 ? sampling_ratio : static_cast<std::int64_t>(samples);
  axis.taps.reserve(static_cast<std::size_t>(cells * axis.per_cell));
  for (std::int64_t c = 0; c < cells; ++c) {
    for (std::int64_t i = 0; i < axis.per_cell; ++i) {
      const float offset =
          (static_cast<float>(i) + 0.5F) * cell / static_cast<float>(axis.per_cell);
      axis.taps.push_back(tap_at(begin + static_cast<float>(c) * cell + offset, length));
    }
  }
  return axis;
}

}  // namespace pinfeed
