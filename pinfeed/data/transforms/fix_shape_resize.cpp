// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, FixShapeResize;
// docs/specs/openmmlab-data.md, 4.3.
#include "pinfeed/data/transforms/fix_shape_resize.h"

#include <algorithm>

#include "pinfeed/data/transforms/pad.h"
#include "pinfeed/data/transforms/pad_value.h"
#include "pinfeed/data/transforms/resize.h"
#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

// Rounded twice, as upstream does: first the size with the image's aspect ratio, then the size that
// fits into it. Boxes are scaled by the factor before rounding.
ResizeTarget target_within_shape(Size shape, Size image) {
  const double factor = std::min(static_cast<double>(shape.width) / image.width,
                                 static_cast<double>(shape.height) / image.height);
  const Size scale = whole_size(image.width * factor, image.height * factor);
  const Size after = size_inside(scale, image);
  return {after, after, {factor, factor}};
}

}  // namespace

void describe(Schema<FixShapeResize>& schema) {
  schema.summary("Resizes every image to one shape; keep_ratio pads at the right or bottom.")
      .required("width", &FixShapeResize::width, "of the result, pixels", at_least(1))
      .required("height", &FixShapeResize::height, "of the result, pixels", at_least(1))
      .optional("pad_val", &FixShapeResize::pad_val, "padding value, before normalisation")
      .include<ResizeOptions>()
      .meaning("keep_ratio", "keep the image's aspect ratio and pad the rest");
}

FieldUse fields(const FixShapeResize&) { return fields(Resize{}); }

bool apply(const FixShapeResize& params, Sample& sample, RandomContext& random) {
  const Size shape = {params.width, params.height};
  const Size before = sample.image.size();
  const ResizeTarget target = params.keep_ratio
                                  ? target_within_shape(shape, before)
                                  : ResizeTarget{shape, shape, factors_between(before, shape)};
  resize_sample(target, params, sample);
  if (!params.keep_ratio) return true;
  return apply(Pad{.size = shape, .pad_val = params.pad_val}, sample, random);
}

Bound bound(const FixShapeResize& params, const Bound&) {
  return bound_of(params.width, params.height);
}

}  // namespace pinfeed
