// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Changes brightness, contrast, saturation and hue of a uint8 image, in random order.
struct ColorJitter {
  static constexpr auto name = "ColorJitter";
  using Amount = std::variant<double, std::array<double, 2>>;

  Amount brightness = 0.0;  // b: factor in [1 - b, 1 + b]; or a range
  Amount contrast = 0.0;
  Amount saturation = 0.0;
  Amount hue = 0.0;  // full turns, at most 0.5
  image::Library backend = image::Library::pillow;
};
void describe(Schema<ColorJitter>& schema);
FieldUse fields(const ColorJitter& params);
bool apply(const ColorJitter& params, Sample& sample, RandomContext& random);
Bound bound(const ColorJitter& params, const Bound& images);

}  // namespace pinfeed
