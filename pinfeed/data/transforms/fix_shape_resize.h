// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/option_names.h"
#include "pinfeed/data/transforms/pad_value.h"

namespace pinfeed {

/// To exactly one shape: resized to it, or with keep_ratio inside it and padded.
struct FixShapeResize {
  static constexpr auto name = "FixShapeResize";

  int width = 0;
  int height = 0;
  PadValue pad_val = {};
  bool keep_ratio = false;
  bool clip_object_border = true;  // cut boxes at the border of what was resized
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<FixShapeResize>& schema);
FieldUse fields(const FixShapeResize& params);
bool apply(const FixShapeResize& params, Sample& sample, RandomContext& random);
Bound bound(const FixShapeResize& params, const Bound& images);

}  // namespace pinfeed
