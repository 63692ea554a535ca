// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"
#include "pinfeed/data/transforms/resize.h"

namespace pinfeed {

/// Resize to a size drawn anew for each sample.
struct RandomResize {
  static constexpr auto name = "RandomResize";

  std::variant<Size, std::array<Size, 2>> scale = {};  // one times a ratio, or between two
  std::optional<std::array<double, 2>> ratio_range = {};
  ResizeType resize_type = ResizeType::Resize;
  bool keep_ratio = false;
  bool clip_object_border = true;
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<RandomResize>& schema);
FieldUse fields(const RandomResize& params);
bool apply(const RandomResize& params, Sample& sample, RandomContext& random);
Bound bound(const RandomResize& params, const Bound& images);

}  // namespace pinfeed
