// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.3.
#include "pinfeed/data/transforms/resize.h"

#include <algorithm>
#include <utility>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

constexpr double round_down = 0.0;

std::array<double, 2> factors_of(const Resize& params) {
  if (const double* both = std::get_if<double>(&*params.scale_factor)) return {*both, *both};
  return std::get<std::array<double, 2>>(*params.scale_factor);
}

Size wanted_size(const Resize& params, Size image) {
  if (params.scale) {
    if (const int* side = std::get_if<int>(&*params.scale)) return {*side, *side};
    return std::get<Size>(*params.scale);
  }
  const auto [width_factor, height_factor] = factors_of(params);
  return whole_size(image.width * width_factor, image.height * height_factor);
}

void require_pixels(Size target, Size image) {
  if (target.width > 0 && target.height > 0) return;
  throw Error(ErrorKind::data, "cannot resize an image of " + to_string(image) + " to " +
                                   to_string(target) + ": no pixel is left");
}

// The largest that a side can become; capped far above what any step may make.
std::int64_t scaled_side(std::int64_t side, double factor) {
  constexpr double limit = 1e9;
  return whole_number(std::min(static_cast<double>(side) * factor + to_nearest, limit));
}

}  // namespace

Size whole_size(double width, double height, double rounding) {
  return {whole_number(width + rounding), whole_number(height + rounding)};
}

std::pair<double, double> factors_between(Size before, Size after) {
  return {static_cast<double>(after.width) / before.width,
          static_cast<double>(after.height) / before.height};
}

Size size_inside(Size scale, Size image, double rounding) {
  const double by_long = static_cast<double>(std::max(scale.width, scale.height)) /
                         std::max(image.width, image.height);
  const double by_short = static_cast<double>(std::min(scale.width, scale.height)) /
                          std::min(image.width, image.height);
  const double factor = std::min(by_long, by_short);
  return whole_size(image.width * factor, image.height * factor, rounding);
}

void resize_sample(const ResizeTarget& to, const ResizeOptions& options, Sample& sample) {
  const Size before = sample.image.size();
  require_pixels(to.image, before);
  sample.image = image::resized(sample.image, to.image, options.interpolation, options.backend);
  sample.img_shape = to.image;
  sample.scale_factor = to.factors;
  const auto width_scale = static_cast<float>(to.factors.first);
  const auto height_scale = static_cast<float>(to.factors.second);
  for (Box& box : sample.boxes) {
    box = scaled(box, width_scale, height_scale);
    if (options.clip_object_border) box = clipped(box, to.image);
  }
  if (sample.fields.has(Field::masks)) resize(sample.masks, to.masks, *sample.arena);
}

// Upstream's masks are always rounded to nearest, whatever the rounding of the image is.
void resize_as(ResizeType type, const Resize& params, Sample& sample) {
  const double rounding = type == ResizeType::Resize ? to_nearest : round_down;
  const Size before = sample.image.size();
  const Size scale = wanted_size(params, before);
  const Size after = params.keep_ratio ? size_inside(scale, before, rounding) : scale;
  const Size mask_size = params.keep_ratio ? size_inside(scale, before) : scale;
  resize_sample({after, mask_size, factors_between(before, after)}, params, sample);
}

void resize_to(Size scale, const ResizeByTypeOptions& options, Sample& sample) {
  Resize params{options};
  params.scale = scale;
  resize_as(options.resize_type, params, sample);
}

void describe(Schema<Resize>& schema) {
  schema.summary("Resizes the image to a size or by a factor; boxes and masks are scaled with it.")
      .optional("scale", &Resize::scale,
                "size of the result; with keep_ratio the size that it fits into")
      .optional("scale_factor", &Resize::scale_factor,
                "factor of the image's own size, (w, h) or one for both; `scale` takes precedence")
      .include<ResizeOptions>()
      .check([](const Resize& params) {
        if (params.scale || params.scale_factor) return;
        throw Error(ErrorKind::config, "one of the keys 'scale' and 'scale_factor' is required");
      });
}

FieldUse fields(const Resize&) {
  return {.needs = Field::image, .updates = Field::image | Field::boxes | Field::masks};
}

bool apply(const Resize& params, Sample& sample, RandomContext&) {
  resize_as(ResizeType::Resize, params, sample);
  return true;
}

Bound bound_inside(Size scale, bool keep_ratio) {
  if (!keep_ratio) return bound_of(scale.width, scale.height);
  const std::int64_t longer = std::max(scale.width, scale.height);
  return ImageBound{longer, longer, longer * std::min(scale.width, scale.height)};
}

Bound bound(const Resize& params, const Bound& images) {
  if (params.scale) return bound_inside(wanted_size(params, {}), params.keep_ratio);
  if (!images) return std::nullopt;
  const auto [width_factor, height_factor] = factors_of(params);
  if (!params.keep_ratio) {
    return bound_of(scaled_side(images->width, width_factor),
                    scaled_side(images->height, height_factor));
  }
  const std::int64_t longer =
      scaled_side(std::max(images->width, images->height), std::max(width_factor, height_factor));
  return bound_of(longer, longer);
}

}  // namespace pinfeed
