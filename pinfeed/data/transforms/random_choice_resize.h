// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"
#include "pinfeed/data/transforms/resize.h"

namespace pinfeed {

/// Sizes to choose from. One number is a side of a square; under replay it is what upstream makes
/// of it there: a factor.
struct ScaleChoices {
  std::vector<std::variant<int, Size>> scales = {};
};

/// Resize to one of several sizes.
struct RandomChoiceResize {
  static constexpr auto name = "RandomChoiceResize";

  ScaleChoices scales = {};
  ResizeType resize_type = ResizeType::Resize;
  bool keep_ratio = false;
  bool clip_object_border = true;
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<RandomChoiceResize>& schema);
FieldUse fields(const RandomChoiceResize& params);
bool apply(const RandomChoiceResize& params, Sample& sample, RandomContext& random);
Bound bound(const RandomChoiceResize& params, const Bound& images);

}  // namespace pinfeed
