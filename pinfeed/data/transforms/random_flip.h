// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// Flips the image and its objects with a probability. Uses exactly one random double per sample.
struct RandomFlip {
  static constexpr auto name = "RandomFlip";

  std::variant<double, std::vector<double>> prob = 0.0;  // of all directions together, or of each
  std::variant<image::FlipDirection, std::vector<image::FlipDirection>> direction =
      image::FlipDirection::horizontal;
};
void describe(Schema<RandomFlip>& schema);
Transform make(const RandomFlip& params, const BuildContext& context);

}  // namespace pinfeed
