// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.1;
// mmpretrain/datasets/transforms/processing.py.
#include <algorithm>
#include <cmath>

#include "pinfeed/data/transforms/random_resized_crop.h"

namespace pinfeed {
namespace {

// Half to even, as Python's round().
int rounded(double number) { return static_cast<int>(std::nearbyint(number)); }

int drawn(int count, RandomContext& random) {
  return static_cast<int>(random.numpy.randint(0, count));
}

// The whole of one side, where the image is longer or wider than the range allows.
Rect central_window(const RandomResizedCrop& params, Size image) {
  const double ratio = static_cast<double>(image.width) / image.height;
  const auto [narrowest, widest] = params.aspect_ratio_range;
  Size size = image;
  if (ratio < narrowest) size.height = rounded(size.width / narrowest);
  if (ratio > widest) size.width = rounded(size.height * widest);
  return {(image.width - size.width) / 2, (image.height - size.height) / 2, size.width,
          size.height};
}

Rect drawn_window(const RandomResizedCrop& params, Size image, RandomContext& random) {
  const double area = static_cast<double>(image.width) * image.height;
  const double log_low = std::log(params.aspect_ratio_range[0]);
  const double log_high = std::log(params.aspect_ratio_range[1]);
  for (int attempt = 0; attempt < params.max_attempts; ++attempt) {
    const double target =
        random.numpy.uniform(params.crop_ratio_range[0], params.crop_ratio_range[1]) * area;
    const double aspect = std::exp(random.numpy.uniform(log_low, log_high));
    const int width = rounded(std::sqrt(target * aspect));
    const int height = rounded(std::sqrt(target / aspect));
    if (width < 1 || width > image.width || height < 1 || height > image.height) continue;
    const int y = drawn(image.height - height + 1, random);
    return {drawn(image.width - width + 1, random), y, width, height};
  }
  return central_window(params, image);
}

Size result_size(const RandomResizedCrop& params) {
  if (const int* side = std::get_if<int>(&params.scale)) return {*side, *side};
  const auto [height, width] = std::get<std::array<int, 2>>(params.scale);
  return {width, height};
}

void check(const RandomResizedCrop& params) {
  check_interpolation(params.backend, params.interpolation);
  const Size size = result_size(params);
  if (size.width < 1 || size.height < 1) {
    throw Error(ErrorKind::config, "scale must be at least 1 pixel");
  }
  const auto rises = [](const std::array<double, 2>& range) {
    return range[0] > 0.0 && range[0] <= range[1];
  };
  if (rises(params.crop_ratio_range) && rises(params.aspect_ratio_range)) return;
  throw Error(ErrorKind::config,
              "crop_ratio_range and aspect_ratio_range must be (least, most), above 0");
}

}  // namespace

void describe(Schema<RandomResizedCrop>& schema) {
  schema
      .summary("Cuts a window of random area and aspect and resizes it. For images without boxes.")
      .required("scale", &RandomResizedCrop::scale, "size of the result; two numbers are (h, w)")
      .optional("crop_ratio_range", &RandomResizedCrop::crop_ratio_range,
                "least and most part of the image's area")
      .optional("aspect_ratio_range", &RandomResizedCrop::aspect_ratio_range,
                "least and most width / height; its logarithm is drawn evenly")
      .optional("max_attempts", &RandomResizedCrop::max_attempts,
                "draws until a window fits, then the middle is taken", at_least(0))
      .optional("interpolation", &RandomResizedCrop::interpolation, "how pixels are made")
      .optional("backend", &RandomResizedCrop::backend, "the library whose pixels are reproduced")
      .check(check);
}

FieldUse fields(const RandomResizedCrop&) {
  return {.needs = Field::image, .updates = Field::image};
}

bool apply(const RandomResizedCrop& params, Sample& sample, RandomContext& random) {
  const Rect window = drawn_window(params, sample.image.size(), random);
  const Size size = result_size(params);
  sample.image = image::resized(image::cropped(sample.image, window), size, params.interpolation,
                                params.backend);
  sample.img_shape = size;
  return true;
}

Bound bound(const RandomResizedCrop& params, const Bound&) {
  const Size size = result_size(params);
  return bound_of(size.width, size.height);
}

}  // namespace pinfeed
