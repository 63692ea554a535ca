// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/image/image.h"
#include "pinfeed/image/image_options.h"

namespace pinfeed::image {

/// Writes `in` at the top left of `out`, which is at least as large, and what the border says
/// beside and below it (OpenCV's copyMakeBorder).
void extend(const ImageView& in, Border border, const ImageView& out);

}  // namespace pinfeed::image
