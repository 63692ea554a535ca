// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/image/color/normalization.h"
#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// One pixel normalised: what the rule of Normalization makes of up to 4 channels.
std::array<float, 4> normalized_value(std::array<float, 4> pixel, const Normalization& rule,
                                      int channels);

/// A row of uint8 or float32 to float32, normalised if there is a rule.
void to_float_row(const std::byte* from, DType dtype, int width, int channels,
                  const Normalization* rule, float* to);

}  // namespace pinfeed::image
