// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/resize_options.h"

namespace pinfeed {

/// Sizes to choose from. A single number is the side of a square; under replay it is a factor, as
/// upstream takes it.
struct ScaleChoices {
  std::vector<std::variant<int, Size>> scales = {};
};

/// Resizes to one of several sizes.
struct RandomChoiceResize : ResizeByTypeOptions {
  static constexpr auto name = "RandomChoiceResize";

  ScaleChoices scales = {};
};
void describe(Schema<RandomChoiceResize>& schema);
FieldUse fields(const RandomChoiceResize& params);
bool apply(const RandomChoiceResize& params, Sample& sample, RandomContext& random);
Bound bound(const RandomChoiceResize& params, const Bound& images);

}  // namespace pinfeed
