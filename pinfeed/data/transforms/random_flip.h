// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Mirrors the image and its boxes with a probability. Always draws exactly one double.
struct RandomFlip {
  static constexpr auto name = "RandomFlip";

  std::variant<double, std::vector<double>> prob = 0.0;  // of all directions together, or of each
  std::variant<image::FlipDirection, std::vector<image::FlipDirection>> direction =
      image::FlipDirection::horizontal;
};
void describe(Schema<RandomFlip>& schema);
Transform make(const RandomFlip& params, const BuildContext& context);

}  // namespace pinfeed
