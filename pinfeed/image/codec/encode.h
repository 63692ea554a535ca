// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// A (H, W, 3) BGR uint8 image as the bytes of a JPEG file.
std::string encode_jpeg(const Image& image, int quality = 90);

}  // namespace pinfeed::image
