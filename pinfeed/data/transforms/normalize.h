// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Converts the image to float32: (x - mean) / std per channel, after reversing the channels if
/// to_rgb is set.
struct Normalize {
  static constexpr auto name = "Normalize";

  std::array<double, 3> mean = {};
  std::array<double, 3> std = {1.0, 1.0, 1.0};
  bool to_rgb = true;
};
void describe(Schema<Normalize>& schema);
FieldUse fields(const Normalize& params);
bool apply(const Normalize& params, Sample& sample, RandomContext& random);
Bound bound(const Normalize& params, const Bound& images);

}  // namespace pinfeed
