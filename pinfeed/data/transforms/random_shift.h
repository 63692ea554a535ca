// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Moves the image inside its frame.
struct RandomShift {
  static constexpr auto name = "RandomShift";

  double prob = 0.5;
  int max_shift_px = 32;
  int filter_thr_px = 1;  // boxes must stay wider and higher than this
};
void describe(Schema<RandomShift>& schema);
FieldUse fields(const RandomShift& params);
bool apply(const RandomShift& params, Sample& sample, RandomContext& random);
Bound bound(const RandomShift& params, const Bound& images);

}  // namespace pinfeed
