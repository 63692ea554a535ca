// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Puts the image at a random place of a larger one.
struct Expand {
  static constexpr auto name = "Expand";

  std::array<double, 3> mean = {};  // what is around it
  bool to_rgb = true;               // the mean is R, G, B
  std::array<double, 2> ratio_range = {1.0, 4.0};
  double prob = 0.5;
};
void describe(Schema<Expand>& schema);
FieldUse fields(const Expand& params);
bool apply(const Expand& params, Sample& sample, RandomContext& random);
Bound bound(const Expand& params, const Bound& images);

}  // namespace pinfeed
