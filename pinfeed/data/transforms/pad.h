// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"
#include "pinfeed/data/transforms/pad_value.h"

namespace pinfeed {

/// Pads the image at the right and the bottom to a size, a multiple or a square. Never crops.
struct Pad {
  static constexpr auto name = "Pad";

  std::optional<Size> size = {};
  std::optional<int> size_divisor = {};
  bool pad_to_square = false;
  PadValue pad_val = {};
  PaddingMode padding_mode = PaddingMode::constant;
};
void describe(Schema<Pad>& schema);
FieldUse fields(const Pad& params);
bool apply(const Pad& params, Sample& sample, RandomContext& random);
Bound bound(const Pad& params, const Bound& images);

}  // namespace pinfeed
