// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Pastes the image at a random position of a larger canvas.
struct Expand {
  static constexpr auto name = "Expand";

  std::array<double, 3> mean = {};  // fill colour
  bool to_rgb = true;               // `mean` is R, G, B
  std::array<double, 2> ratio_range = {1.0, 4.0};
  double prob = 0.5;
};
void describe(Schema<Expand>& schema);
FieldUse fields(const Expand& params);
bool apply(const Expand& params, Sample& sample, RandomContext& random);
Bound bound(const Expand& params, const Bound& images);

}  // namespace pinfeed
