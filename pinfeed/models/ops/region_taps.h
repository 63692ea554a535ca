// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace pinfeed {

/// A sample of RoIAlign on one axis: two neighbouring positions and their weights. Outside the axis
/// both weights are 0.
struct RegionTap {
  std::int64_t low = 0;
  std::int64_t high = 0;
  float low_weight = 0.0F;
  float high_weight = 0.0F;

  bool inside() const { return low_weight + high_weight > 0.0F; }
};

/// The samples of one axis of a region, `per_cell` for each of its cells, in order.
struct RegionAxis {
  std::vector<RegionTap> taps = {};
  std::int64_t per_cell = 0;
};

/// Samples the interval from `begin` to `end` of an axis of `length` positions in `cells` cells, as
/// RoIAlign of mmcv does. `sampling_ratio` samples of each cell; 0: as many as it has positions.
/// An interval that is not finite has no samples.
RegionAxis region_axis(float begin, float end, std::int64_t cells, int sampling_ratio,
                       std::int64_t length);

}  // namespace pinfeed
