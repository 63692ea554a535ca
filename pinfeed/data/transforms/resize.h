// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <variant>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/resize_options.h"

namespace pinfeed {

/// Resizes the image to a size or by a factor; boxes and masks are scaled with it.
struct Resize : ResizeOptions {
  static constexpr auto name = "Resize";

  std::optional<std::variant<int, Size>> scale = {};  // pixels; an int is the side of a square
  std::optional<std::variant<double, std::array<double, 2>>> scale_factor = {};
};
void describe(Schema<Resize>& schema);
FieldUse fields(const Resize& params);
bool apply(const Resize& params, Sample& sample, RandomContext& random);
Bound bound(const Resize& params, const Bound& images);

}  // namespace pinfeed
