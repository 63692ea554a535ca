// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Translates the image by a random offset; uncovered pixels are black.
struct RandomShift {
  static constexpr auto name = "RandomShift";

  double prob = 0.5;
  int max_shift_px = 32;
  int filter_thr_px = 1;  // boxes that do not exceed this size are removed
};
void describe(Schema<RandomShift>& schema);
FieldUse fields(const RandomShift& params);
bool apply(const RandomShift& params, Sample& sample, RandomContext& random);
Bound bound(const RandomShift& params, const Bound& images);

}  // namespace pinfeed
