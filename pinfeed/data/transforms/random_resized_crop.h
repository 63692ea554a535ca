// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Crops to a window of random area and aspect ratio and resizes it. For images without boxes.
struct RandomResizedCrop {
  static constexpr auto name = "RandomResizedCrop";

  std::variant<int, std::array<int, 2>> scale = 0;  // size of the result; two numbers are (h, w)
  std::array<double, 2> crop_ratio_range = {0.08, 1.0};  // fraction of the image's area
  std::array<double, 2> aspect_ratio_range = {3.0 / 4.0, 4.0 / 3.0};
  int max_attempts = 10;
  image::Interpolation interpolation = image::Interpolation::bilinear;
  image::Library backend = image::Library::opencv;
};
void describe(Schema<RandomResizedCrop>& schema);
FieldUse fields(const RandomResizedCrop& params);
bool apply(const RandomResizedCrop& params, Sample& sample, RandomContext& random);
Bound bound(const RandomResizedCrop& params, const Bound& images);

}  // namespace pinfeed
