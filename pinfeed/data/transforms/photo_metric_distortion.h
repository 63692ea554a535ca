// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Changes brightness, contrast, saturation and hue, and permutes the channels, each with
/// probability 1/2. The image becomes float32.
struct PhotoMetricDistortion {
  static constexpr auto name = "PhotoMetricDistortion";

  double brightness_delta = 32.0;
  std::array<double, 2> contrast_range = {0.5, 1.5};
  std::array<double, 2> saturation_range = {0.5, 1.5};
  double hue_delta = 18.0;  // degrees
};
void describe(Schema<PhotoMetricDistortion>& schema);
FieldUse fields(const PhotoMetricDistortion& params);
bool apply(const PhotoMetricDistortion& params, Sample& sample, RandomContext& random);
Bound bound(const PhotoMetricDistortion& params, const Bound& images);

}  // namespace pinfeed
