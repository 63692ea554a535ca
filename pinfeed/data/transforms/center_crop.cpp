// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmcv/transforms/processing.py, CenterCrop.
#include "pinfeed/data/transforms/center_crop.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/pad.h"

namespace pinfeed {
namespace {

Size crop_window(const CenterCrop& params) {
  if (const int* side = std::get_if<int>(&params.crop_size)) return {*side, *side};
  return std::get<Size>(params.crop_size);
}

// Half to even, as Python's round().
int centred_offset(int outer, int inner) {
  return static_cast<int>(std::nearbyint((outer - inner) / 2.0));
}

Rect centred(Size window, Size image) {
  const int width = std::min(window.width, image.width);
  const int height = std::min(window.height, image.height);
  return {centred_offset(image.width, width), centred_offset(image.height, height), width, height};
}

void check(const CenterCrop& params) {
  const Size size = crop_window(params);
  if (size.width >= 1 && size.height >= 1) return;
  throw Error(ErrorKind::config, "crop_size must be at least 1 pixel");
}

}  // namespace

void describe(Schema<CenterCrop>& schema) {
  schema.summary("Crops the image and its boxes to the middle; a smaller side is kept whole.")
      .required("crop_size", &CenterCrop::crop_size,
                "size of the window, (w, h) or one number for both, pixels")
      .optional("clip_object_border", &CenterCrop::clip_object_border, "clip boxes to the window")
      .accepted("pad_cfg", "options of auto_pad, which is refused")
      .accepted("efficientnet_style",
                "False is the only behaviour: crop_size is the size of the window")
      .accepted("backend", "nothing is resized")
      .accepted("interpolation", "nothing is resized")
      .refused("auto_pad", "use a Pad step before this one")
      .check(check);
}

FieldUse fields(const CenterCrop&) {
  return {.needs = Field::image, .updates = Field::image | Field::boxes | Field::masks};
}

bool apply(const CenterCrop& params, Sample& sample, RandomContext&) {
  const Rect window = centred(crop_window(params), sample.image.size());
  sample.image = image::cropped(sample.image, window);
  sample.img_shape = {window.width, window.height};
  for (Box& box : sample.boxes) {
    box = moved(box, static_cast<float>(-window.x), static_cast<float>(-window.y));
    if (params.clip_object_border) box = clipped(box, sample.img_shape);
  }
  if (sample.fields.has(Field::masks)) crop(sample.masks, window);
  return true;
}

Bound bound(const CenterCrop& params, const Bound& images) {
  const Size window = crop_window(params);
  return cropped_bound(images, window.width, window.height);
}

}  // namespace pinfeed
