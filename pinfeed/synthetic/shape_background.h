// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/core/random.h"
#include "pinfeed/image/draw/draw.h"

namespace pinfeed {

/// What stands behind the shapes of an image: two colours that run into each other like clouds.
struct Background {
  image::Color color = {};
  image::Color tint = {};
};

Background random_background(NumpyRandom& draw);
void paint_background(const image::ImageView& view, const Background& background,
                      NumpyRandom& draw);

/// Hues on the colour circle, whose length is 1: `spread` of it around `centre`.
struct Hues {
  double centre = 0.0;
  double spread = 1.0;
};

/// A colour of one of the hues, of any saturation and brightness, that can be seen on the
/// background.
image::Color contrasting_color(const Background& background, Hues hues, NumpyRandom& draw);

/// Noise as a camera's sensor has it: each pixel and channel by itself, up to `strength`.
void add_grain(const image::ImageView& view, double strength, NumpyRandom& draw);

}  // namespace pinfeed
