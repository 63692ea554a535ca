// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/transforms/pad_value.h"
#include "pinfeed/data/transforms/resize_options.h"

namespace pinfeed {

/// Resizes every image to one shape. With keep_ratio the image is resized to fit into the shape and
/// padded at the right or bottom.
struct FixShapeResize : ResizeOptions {
  static constexpr auto name = "FixShapeResize";

  int width = 0;   // of the result, pixels
  int height = 0;  // of the result, pixels
  PadValue pad_val = {};
};
void describe(Schema<FixShapeResize>& schema);
FieldUse fields(const FixShapeResize& params);
bool apply(const FixShapeResize& params, Sample& sample, RandomContext& random);
Bound bound(const FixShapeResize& params, const Bound& images);

}  // namespace pinfeed
