// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/image/color/normalization.h"
#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// Normalizes one pixel of up to 4 channels.
std::array<float, 4> normalized_value(std::array<float, 4> pixel, const Normalization& rule,
                                      int channels);

/// Converts a row of uint8 or float32 to float32 and normalizes it, if `rule` is not null.
void to_float_row(const std::byte* from, DType dtype, int width, int channels,
                  const Normalization* rule, float* to);

}  // namespace pinfeed::image
