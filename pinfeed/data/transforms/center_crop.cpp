// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmcv/transforms/processing.py, CenterCrop.
#include <algorithm>
#include <cmath>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/center_crop.h"
#include "pinfeed/data/transforms/pad.h"

namespace pinfeed {
namespace {

Size wanted(const CenterCrop& params) {
  if (const int* side = std::get_if<int>(&params.crop_size)) return {*side, *side};
  return std::get<Size>(params.crop_size);
}

// Half to even, as Python's round().
int middle(int outer, int inner) { return static_cast<int>(std::nearbyint((outer - inner) / 2.0)); }

Rect centred(Size window, Size image) {
  const int width = std::min(window.width, image.width);
  const int height = std::min(window.height, image.height);
  return {middle(image.width, width), middle(image.height, height), width, height};
}

void check(const CenterCrop& params) {
  const Size size = wanted(params);
  if (size.width >= 1 && size.height >= 1) return;
  throw Error(ErrorKind::config, "crop_size must be at least 1 pixel");
}

}  // namespace

void describe(Schema<CenterCrop>& schema) {
  schema.summary("Keeps the middle of the image; a smaller side stays whole. Boxes move along.")
      .required("crop_size", &CenterCrop::crop_size, "the window to keep, (w, h) or both, pixels")
      .optional("clip_object_border", &CenterCrop::clip_object_border,
                "cut boxes at the window's border")
      .accepted("pad_cfg", "what auto_pad would use")
      .accepted("efficientnet_style", "False: only the window's size counts")
      .accepted("backend", "nothing is resized")
      .accepted("interpolation", "nothing is resized")
      .refused("auto_pad", "use a Pad step before this one")
      .check(check);
}

FieldUse fields(const CenterCrop&) {
  return {.needs = Field::image, .updates = Field::image | Field::boxes | Field::masks};
}

bool apply(const CenterCrop& params, Sample& sample, RandomContext&) {
  const Rect window = centred(wanted(params), sample.image.size());
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
  const Size window = wanted(params);
  return cut(images, window.width, window.height);
}

}  // namespace pinfeed
