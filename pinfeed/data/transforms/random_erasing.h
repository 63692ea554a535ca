// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <variant>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Fills random windows of the image with one colour, and removes boxes that are mostly covered.
struct RandomErasing {
  static constexpr auto name = "RandomErasing";

  std::variant<int, std::array<int, 2>> n_patches = 1;
  std::variant<double, std::array<double, 2>> ratio = 0.2;  // fraction of each side
  bool squared = true;                                      // the same fraction of both sides
  double bbox_erased_thr = 0.9;
  std::variant<double, std::array<double, 3>> img_border_value = 128.0;
  double mask_border_value = 0.0;
};
void describe(Schema<RandomErasing>& schema);
FieldUse fields(const RandomErasing& params);
bool apply(const RandomErasing& params, Sample& sample, RandomContext& random);
Bound bound(const RandomErasing& params, const Bound& images);

}  // namespace pinfeed
