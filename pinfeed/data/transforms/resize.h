// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// To a size, or by a factor; boxes scale along.
struct Resize {
  static constexpr auto name = "Resize";

  std::optional<std::variant<int, Size>> scale = {};  // one number: the same for both
  std::optional<std::variant<double, std::array<double, 2>>> scale_factor = {};
  bool keep_ratio = false;         // inside `scale`, whichever way round it is written
  bool clip_object_border = true;  // cut boxes at the border
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<Resize>& schema);
FieldUse fields(const Resize& params);
bool apply(const Resize& params, Sample& sample, RandomContext& random);
Bound bound(const Resize& params, const Bound& images);

}  // namespace pinfeed
