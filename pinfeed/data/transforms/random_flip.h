// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// The probability of all directions together, or one of each direction. As upstream, they must be
/// written as floats: an int is an error.
struct FlipProbability {
  std::variant<double, std::vector<double>> value = 0.0;
};
template <>
struct Converter<FlipProbability> {
  static FlipProbability from(const Value& value, const std::string& path);
  static std::string wanted() { return "float or list of float"; }
  static Value shown(const FlipProbability& probability);
};

/// Flips the image and its objects with a probability. Uses exactly one random double per sample.
struct RandomFlip {
  static constexpr auto name = "RandomFlip";

  FlipProbability prob = {};
  std::variant<image::FlipDirection, std::vector<image::FlipDirection>> direction =
      image::FlipDirection::horizontal;
};
void describe(Schema<RandomFlip>& schema);
Transform make(const RandomFlip& params, const BuildContext& context);

}  // namespace pinfeed
