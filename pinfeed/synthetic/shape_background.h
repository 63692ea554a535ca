// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/core/random.h"
#include "pinfeed/image/draw/draw.h"

namespace pinfeed {

/// The background of an image: a smooth random mixture of two colours.
struct Background {
  image::Color color = {};
  image::Color tint = {};
};

Background random_background(NumpyRandom& random);
void paint_background(const image::ImageView& view, const Background& background,
                      NumpyRandom& random);

/// An interval of hues of width `spread` around `centre`; red is 0, green 1/3, blue 2/3, and 1 is
/// red again.
struct Hues {
  double centre = 0.0;
  double spread = 1.0;
};

/// A random colour with a hue of the interval that contrasts with the background.
image::Color contrasting_color(const Background& background, Hues hues, NumpyRandom& random);

/// Adds uniform noise from -strength to strength to each pixel and channel, like sensor noise.
void add_grain(const image::ImageView& view, double strength, NumpyRandom& random);

}  // namespace pinfeed
