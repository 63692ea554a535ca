// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/image/image.h"
#include "pinfeed/image/image_options.h"

namespace pinfeed::image {

/// Writes `in` to the upper left of `out`, which is at least as large, and border pixels to the
/// right and below, as OpenCV's copyMakeBorder does.
void extend(const ImageView& in, Border border, const ImageView& out);

}  // namespace pinfeed::image
