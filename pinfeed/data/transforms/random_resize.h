// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/resize_options.h"

namespace pinfeed {

/// Resizes to a size sampled anew for each image.
struct RandomResize : ResizeByTypeOptions {
  static constexpr auto name = "RandomResize";

  std::variant<Size, std::array<Size, 2>> scale = {};  // one times a ratio, or between two
  std::optional<std::array<double, 2>> ratio_range = {};
};
void describe(Schema<RandomResize>& schema);
FieldUse fields(const RandomResize& params);
bool apply(const RandomResize& params, Sample& sample, RandomContext& random);
Bound bound(const RandomResize& params, const Bound& images);

}  // namespace pinfeed
