// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Adds random amounts to hue, saturation and value of a uint8 image, each with probability 1/2.
struct YOLOXHSVRandomAug {
  static constexpr auto name = "YOLOXHSVRandomAug";

  double hue_delta = 5.0;  // of 180 (half degrees)
  double saturation_delta = 30.0;
  double value_delta = 30.0;
};
void describe(Schema<YOLOXHSVRandomAug>& schema);
FieldUse fields(const YOLOXHSVRandomAug& params);
bool apply(const YOLOXHSVRandomAug& params, Sample& sample, RandomContext& random);
Bound bound(const YOLOXHSVRandomAug& params, const Bound& images);

}  // namespace pinfeed
