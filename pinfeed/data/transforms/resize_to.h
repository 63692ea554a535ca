// SPDX-License-Identifier: Apache-2.0
// What the resizing transforms share.
#pragma once

#include <utility>

#include "pinfeed/data/transforms/resize.h"

namespace pinfeed {

/// Added before the fraction of a computed size is cut off.
constexpr double to_nearest = 0.5;

/// A computed size in whole pixels: `rounding` is added, then the fraction is cut off. Each side is
/// at most the largest int.
Size whole_size(double width, double height, double rounding = to_nearest);

/// The largest size with the image's aspect ratio whose longer side is at most the longer side of
/// `scale`, and whose shorter side is at most the shorter one.
Size size_inside(Size scale, Size image, double rounding = to_nearest);

/// The factors (w, h) from one size to the other.
std::pair<double, double> factors_between(Size before, Size after);

/// What a sample is resized to. Upstream computes the three separately.
struct ResizeTarget {
  Size image = {};
  Size masks = {};
  std::pair<double, double> factors = {1.0, 1.0};  // (w, h), of boxes and in scale_factor
};

/// Resizes image, boxes and masks of the sample. keep_ratio of `options` is not used. Throws
/// Error(data) where no pixel would be left.
void resize_sample(const ResizeTarget& to, const ResizeOptions& options, Sample& sample);

/// The bound of images resized to `scale`, or with `keep_ratio` inside it.
Bound bound_inside(Size scale, bool keep_ratio);

/// Resizes as the transform that `type` names.
void resize_as(ResizeType type, const Resize& params, Sample& sample);

/// The same with the keys of `options`, to the size `scale`.
void resize_to(Size scale, const ResizeByTypeOptions& options, Sample& sample);

}  // namespace pinfeed
