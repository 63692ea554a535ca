// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <variant>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// Fills random windows of the image with one colour.
struct CutOut {
  static constexpr auto name = "CutOut";

  std::variant<int, std::array<int, 2>> n_holes = 1;
  std::optional<std::variant<Size, std::vector<Size>>> cutout_shape = {};  // pixels
  std::optional<std::variant<std::array<double, 2>, std::vector<std::array<double, 2>>>>
      cutout_ratio = {};  // fractions of (w, h)
  std::array<double, 3> fill_in = {};
};
void describe(Schema<CutOut>& schema);
FieldUse fields(const CutOut& params);
bool apply(const CutOut& params, Sample& sample, RandomContext& random);
Bound bound(const CutOut& params, const Bound& images);

}  // namespace pinfeed
