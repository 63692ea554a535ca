// SPDX-License-Identifier: Apache-2.0
// Colours as hue, saturation and value, by OpenCV's rules
// (docs/specs/openmmlab-data.md, 4.10, 4.11).
#pragma once

#include <array>
#include <cstdint>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// What is added to hue (of 180, around the circle), saturation and value (cut to 0..255).
struct HueGains {
  std::array<std::int16_t, 3> add = {};
};

/// Adds to the 8-bit HSV of each pixel of a BGR uint8 image, in place.
void add_in_hsv(const HueGains& gains, const ImageView& image);

/// mmdet's photometric distortion of a float32 BGR image. What is absent is not done; the order
/// is that of the members, except that the contrast comes before the colours where contrast_first.
struct Distortion {
  float brightness = 0.0F;  // added
  bool contrast_first = false;
  float saturation = 1.0F;  // times; cut to 1 where it is above 1
  bool change_saturation = false;
  float hue = 0.0F;  // degrees, added around the circle
  bool change_hue = false;
  float contrast = 1.0F;                             // times
  std::array<std::uint8_t, 3> channels = {0, 1, 2};  // which channel of before each becomes
};
void distort(const Distortion& distortion, const ImageView& image);

}  // namespace pinfeed::image
