// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include "pinfeed/data/transforms/fix_scale_resize.h"
#include "pinfeed/data/transforms/resize.h"

namespace pinfeed {

/// What is added before the fraction of a size is cut off.
constexpr double to_nearest = 0.5;

/// A computed size in pixels, the fractions behind `rounding` cut off; no more than an int holds.
Size whole_size(double width, double height, double rounding = to_nearest);

/// The largest size of the image's ratio inside `scale`, whichever way round that is written.
Size size_inside(Size scale, Size image, double rounding = to_nearest);

/// By which factors (w, h) one size becomes the other.
std::pair<double, double> factors_between(Size before, Size after);

/// What a sample is resized to: upstream computes the three apart.
struct ResizeTarget {
  Size image = {};
  Size masks = {};
  std::pair<double, double> factors = {1.0, 1.0};  // (w, h), of boxes and in scale_factor
};
struct Resampling {
  image::Library pixels_of = image::Library::opencv;
  image::Interpolation interpolation = image::Interpolation::bilinear;
};

/// Resizes what the sample has; `clip` cuts boxes at the border. Throws Error(data) where no pixel
/// would be left.
void resize_sample(const ResizeTarget& to, bool clip, const Resampling& how, Sample& sample);

/// Of images resized to `scale`, or with `keep_ratio` inside it, either way round.
Bound bound_inside(Size scale, bool keep_ratio);

/// Resizes as the transform that `params` names, with the keys that `params` has for it, to the
/// scale or by the factor of `to`.
template <class Params>
bool resize_as(Resize to, const Params& params, Sample& sample, RandomContext& random) {
  to.keep_ratio = params.keep_ratio;
  to.clip_object_border = params.clip_object_border;
  to.backend = params.backend;
  to.interpolation = params.interpolation;
  if (params.resize_type == ResizeType::Resize) return apply(to, sample, random);
  return apply(FixScaleResize{to}, sample, random);
}
template <class Params>
bool resize_to(Size scale, const Params& params, Sample& sample, RandomContext& random) {
  return resize_as({.scale = scale}, params, sample, random);
}

}  // namespace pinfeed
