// SPDX-License-Identifier: Apache-2.0
// Brightness, contrast, saturation and hue by the rules of Pillow's ImageEnhance and HSV.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// Changes of a uint8 BGR image, applied one after the other. An absent one is skipped.
struct Jitter {
  std::array<std::uint8_t, 4> order = {0, 1, 2, 3};  // indices of the members below
  std::optional<float> brightness = {};              // 0: black, 1: unchanged
  std::optional<float> contrast = {};                // 0: the mean grey of the image
  std::optional<float> saturation = {};              // 0: grey
  std::optional<std::uint8_t> hue = {};              // added modulo 256
};

/// Applies the changes in place.
void jitter(const Jitter& changes, const ImageView& image);

}  // namespace pinfeed::image
