// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.3.
#include <algorithm>
#include <limits>
#include <type_traits>
#include <utility>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/fix_scale_resize.h"
#include "pinfeed/data/transforms/resize.h"
#include "pinfeed/data/transforms/resize_to.h"

namespace pinfeed {
namespace {

constexpr double downwards = 0.0;

Size times(Size size, double width_factor, double height_factor, double rounding = to_nearest) {
  return whole_size(size.width * width_factor, size.height * height_factor, rounding);
}

Size wanted(const Resize& params, Size image) {
  if (params.scale) {
    if (const int* side = std::get_if<int>(&*params.scale)) return {*side, *side};
    return std::get<Size>(*params.scale);
  }
  if (const double* factor = std::get_if<double>(&*params.scale_factor)) {
    return times(image, *factor, *factor);
  }
  const auto& factors = std::get<std::array<double, 2>>(*params.scale_factor);
  return times(image, factors[0], factors[1]);
}

void require_pixels(Size target, Size image) {
  if (target.width > 0 && target.height > 0) return;
  throw Error(ErrorKind::data, "cannot resize an image of " + to_string(image) + " to " +
                                   to_string(target) + ": no pixel is left");
}

template <class T>
void describe_resize(Schema<T>& schema) {
  schema
      .optional("scale", own<T>(&Resize::scale),
                "the size, or the size to stay inside with keep_ratio")
      .optional("scale_factor", own<T>(&Resize::scale_factor),
                "times the image's own size, (w, h) or both; `scale` wins")
      .optional("keep_ratio", own<T>(&Resize::keep_ratio), "keep the image's ratio of sides")
      .optional("clip_object_border", own<T>(&Resize::clip_object_border),
                "cut boxes at the border")
      .optional("backend", own<T>(&Resize::backend), "the library whose pixels are reproduced")
      .optional("interpolation", own<T>(&Resize::interpolation), "how pixels are made")
      .check([](const T& params) {
        check_interpolation(params.backend, params.interpolation);
        if (params.scale || params.scale_factor) return;
        throw Error(ErrorKind::config,
                    std::string(T::name) + " needs the key 'scale' or 'scale_factor'");
      });
}

// Masks follow the rounding of Resize whatever the image's is, as upstream's do.
void resize_sample(const Resize& params, double rounding, Sample& sample) {
  const Size before = sample.image.size();
  const Size scale = wanted(params, before);
  const Size after = params.keep_ratio ? size_inside(scale, before, rounding) : scale;
  const Size mask_size = params.keep_ratio ? size_inside(scale, before) : scale;
  resize_sample({after, mask_size, factors_between(before, after)}, params.clip_object_border,
                {params.backend, params.interpolation}, sample);
}

}  // namespace

Size whole_size(double width, double height, double rounding) {
  constexpr double most = std::numeric_limits<int>::max();
  return {static_cast<int>(std::min(width + rounding, most)),
          static_cast<int>(std::min(height + rounding, most))};
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
  return times(image, factor, factor, rounding);
}

void resize_sample(const ResizeTarget& to, bool clip, const Resampling& how, Sample& sample) {
  const Size before = sample.image.size();
  require_pixels(to.image, before);
  sample.image = image::resized(sample.image, to.image, how.interpolation, how.pixels_of);
  sample.img_shape = to.image;
  sample.scale_factor = to.factors;
  const auto width_scale = static_cast<float>(to.factors.first);
  const auto height_scale = static_cast<float>(to.factors.second);
  for (Box& box : sample.boxes) {
    box = scaled(box, width_scale, height_scale);
    if (clip) box = clipped(box, to.image);
  }
  if (sample.fields.has(Field::masks)) resize(sample.masks, to.masks, *sample.arena);
}

void describe(Schema<Resize>& schema) {
  schema.summary("Resizes the image to a size or by a factor; boxes and masks scale along.");
  describe_resize(schema);
}

FieldUse fields(const Resize&) {
  return {.needs = Field::image, .updates = Field::image | Field::boxes | Field::masks};
}

bool apply(const Resize& params, Sample& sample, RandomContext&) {
  resize_sample(params, to_nearest, sample);
  return true;
}

void describe(Schema<FixScaleResize>& schema) {
  schema.summary("Resize that cuts off the fractions of the size it computes.");
  describe_resize(schema);
}

FieldUse fields(const FixScaleResize&) { return fields(Resize{}); }

bool apply(const FixScaleResize& params, Sample& sample, RandomContext&) {
  resize_sample(params, downwards, sample);
  return true;
}

Bound bound_inside(Size scale, bool keep_ratio) {
  if (!keep_ratio) return bound_of(scale.width, scale.height);
  const std::int64_t longer = std::max(scale.width, scale.height);
  return ImageBound{longer, longer, longer * std::min(scale.width, scale.height)};
}

Bound bound(const Resize& params, const Bound& images) {
  if (params.scale) return bound_inside(wanted(params, {}), params.keep_ratio);
  if (!images) return std::nullopt;
  std::array<double, 2> factors = {};
  if (const double* both = std::get_if<double>(&*params.scale_factor)) {
    factors = {*both, *both};
  } else {
    factors = std::get<std::array<double, 2>>(*params.scale_factor);
  }
  const auto grown = [](std::int64_t side, double factor) {
    constexpr double most = 1e9;  // beyond what any step may make
    return static_cast<std::int64_t>(
        std::min(static_cast<double>(side) * factor + to_nearest, most));
  };
  if (!params.keep_ratio) {
    return bound_of(grown(images->width, factors[0]), grown(images->height, factors[1]));
  }
  const std::int64_t longer =
      grown(std::max(images->width, images->height), std::max(factors[0], factors[1]));
  return bound_of(longer, longer);
}

}  // namespace pinfeed
