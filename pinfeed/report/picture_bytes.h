// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/image/image.h"

namespace pinfeed {

/// The image as the bytes of a JPEG file, made smaller if its longer side has more than
/// `longest_side` pixels. `image` is BGR uint8.
std::string small_jpeg(const image::Image& image, int longest_side);

}  // namespace pinfeed
