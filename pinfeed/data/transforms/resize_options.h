// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/config/schema.h"
#include "pinfeed/data/option_names.h"

namespace pinfeed {

/// The keys that every resizing transform has.
struct ResizeOptions {
  bool keep_ratio = false;
  bool clip_object_border = true;  // clip boxes to the resized image
  image::Library backend = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};
void describe(Schema<ResizeOptions>& schema);

/// The keys of a transform that chooses a size and resizes as Resize or FixScaleResize does.
struct ResizeByTypeOptions : ResizeOptions {
  ResizeType resize_type = ResizeType::Resize;
};
void describe(Schema<ResizeByTypeOptions>& schema);

}  // namespace pinfeed
