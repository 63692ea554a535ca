// SPDX-License-Identifier: Apache-2.0
// Changes of hue, saturation and value by OpenCV's rules
// (docs/specs/openmmlab-data.md, 4.10, 4.11).
#pragma once

#include <array>
#include <cstdint>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// Added to hue (modulo 180), saturation and value (both clamped to 0..255).
struct HueGains {
  std::array<std::int16_t, 3> add = {};
};

/// Adds the gains to the 8-bit HSV of each pixel of a BGR uint8 image, in place.
void add_in_hsv(const HueGains& gains, const ImageView& image);

/// mmdet's photometric distortion. The defaults change nothing. The changes are applied in the
/// order of the members, but contrast comes before saturation if contrast_first.
struct Distortion {
  float brightness = 0.0F;  // added
  bool contrast_first = false;
  float saturation = 1.0F;  // factor; the result is clamped to 1 if the factor is above 1
  bool change_saturation = false;
  float hue = 0.0F;  // degrees, added modulo 360
  bool change_hue = false;
  float contrast = 1.0F;                             // factor
  std::array<std::uint8_t, 3> channels = {0, 1, 2};  // the input channel of each channel
};
/// Distorts a float32 BGR image, in place.
void distort(const Distortion& distortion, const ImageView& image);

}  // namespace pinfeed::image
