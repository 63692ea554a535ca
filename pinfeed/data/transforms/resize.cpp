// SPDX-License-Identifier: Apache-2.0
// Source of the rules: specs data 4.3.
#include <algorithm>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms.h"

namespace pinfeed {
namespace {

Size times(Size size, double width_factor, double height_factor) {
  return {static_cast<int>(size.width * width_factor + 0.5),
          static_cast<int>(size.height * height_factor + 0.5)};
}

Size wanted(const Resize& params, Size picture) {
  if (params.scale) {
    if (const int* side = std::get_if<int>(&*params.scale)) return {*side, *side};
    return std::get<Size>(*params.scale);
  }
  if (const double* factor = std::get_if<double>(&*params.scale_factor)) {
    return times(picture, *factor, *factor);
  }
  const auto& factors = std::get<std::array<double, 2>>(*params.scale_factor);
  return times(picture, factors[0], factors[1]);
}

// The largest size of the picture's ratio inside `scale`, whichever way round that is written.
Size inside(Size scale, Size picture) {
  const double by_long = static_cast<double>(std::max(scale.width, scale.height)) /
                         std::max(picture.width, picture.height);
  const double by_short = static_cast<double>(std::min(scale.width, scale.height)) /
                          std::min(picture.width, picture.height);
  const double factor = std::min(by_long, by_short);
  return times(picture, factor, factor);
}

void require_pixels(Size target, Size picture) {
  if (target.width > 0 && target.height > 0) return;
  throw Error(ErrorKind::data, "cannot resize a picture of " + to_string(picture) + " to " +
                                   to_string(target) + ": no pixel is left");
}

}  // namespace

void describe(Schema<Resize>& schema) {
  schema.summary("Resizes the picture to a size or by a factor; boxes scale along.")
      .optional("scale", &Resize::scale, "the size, or the size to stay inside with keep_ratio")
      .optional("scale_factor", &Resize::scale_factor,
                "times the picture's own size, (w, h) or both; `scale` wins")
      .optional("keep_ratio", &Resize::keep_ratio, "keep the picture's ratio of sides")
      .optional("clip_object_border", &Resize::clip_object_border, "cut boxes at the border")
      .optional("backend", &Resize::backend, "the library whose pixels are reproduced")
      .optional("interpolation", &Resize::interpolation, "how pixels are made")
      .check([](const Resize& params) {
        if (params.scale || params.scale_factor) return;
        throw Error(ErrorKind::config, "Resize needs the key 'scale' or 'scale_factor'");
      });
}

FieldUse fields(const Resize&) {
  return {.needs = Field::image, .updates = Field::image | Field::boxes};
}

bool apply(const Resize& params, Sample& sample, Draw&) {
  const Size before = sample.picture.size();
  const Size scale = wanted(params, before);
  const Size after = params.keep_ratio ? inside(scale, before) : scale;
  require_pixels(after, before);
  sample.picture = image::resized(sample.picture, after, params.interpolation);
  sample.img_shape = after;
  sample.scale_factor = {static_cast<double>(after.width) / before.width,
                         static_cast<double>(after.height) / before.height};
  const auto width_scale = static_cast<float>(sample.scale_factor->first);
  const auto height_scale = static_cast<float>(sample.scale_factor->second);
  for (Box& box : sample.boxes) {
    box = scaled(box, width_scale, height_scale);
    if (params.clip_object_border) box = clipped(box, after);
  }
  return true;
}

}  // namespace pinfeed
