// SPDX-License-Identifier: Apache-2.0
// Brightness, contrast, colour and hue by the rules of Pillow's ImageEnhance and HSV.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// Changes of an 8-bit BGR image, one after the other. What is absent is not done.
struct Jitter {
  std::array<std::uint8_t, 4> order = {0, 1, 2, 3};  // of the members below
  std::optional<float> brightness = {};              // 0: black, 1: as it is
  std::optional<float> contrast = {};                // 0: its mean grey
  std::optional<float> saturation = {};              // 0: grey
  std::optional<std::uint8_t> hue = {};              // added around the circle of 256
};

/// Does them, in place.
void jitter(const Jitter& changes, const ImageView& image);

}  // namespace pinfeed::image
