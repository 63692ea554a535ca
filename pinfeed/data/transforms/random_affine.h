// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Rotates, scales, shears and translates the image. A box becomes the box around its four moved
/// corners.
struct RandomAffine {
  static constexpr auto name = "RandomAffine";

  double max_rotate_degree = 10.0;
  double max_translate_ratio = 0.1;
  std::array<double, 2> scaling_ratio_range = {0.5, 1.5};
  double max_shear_degree = 2.0;
  std::array<int, 2> border = {0, 0};  // added on each side, (w, h), pixels; negative crops
  std::array<double, 3> border_val = {114.0, 114.0, 114.0};
  bool bbox_clip_border = true;
};
void describe(Schema<RandomAffine>& schema);
FieldUse fields(const RandomAffine& params);
bool apply(const RandomAffine& params, Sample& sample, RandomContext& random);
Bound bound(const RandomAffine& params, const Bound& images);

}  // namespace pinfeed
