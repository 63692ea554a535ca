// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 5.1;
// mmpretrain/datasets/transforms/processing.py.
#include "pinfeed/data/transforms/random_resized_crop.h"

#include <algorithm>
#include <cmath>

namespace pinfeed {
namespace {

// Half to even, as Python's round().
int rounded(double number) { return whole_number(std::nearbyint(number)); }

int random_below(int count, RandomContext& random) {
  return static_cast<int>(random.numpy.randint(0, count));
}

// The largest central window with an allowed aspect ratio. A side has at least one pixel, also
// where upstream's is rounded to 0, which it cannot resize.
Rect central_window(const RandomResizedCrop& params, Size image) {
  const double ratio = static_cast<double>(image.width) / image.height;
  const auto [narrowest, widest] = params.aspect_ratio_range;
  Size size = image;
  if (ratio < narrowest) size.height = std::max(1, rounded(size.width / narrowest));
  if (ratio > widest) size.width = std::max(1, rounded(size.height * widest));
  return {(image.width - size.width) / 2, (image.height - size.height) / 2, size.width,
          size.height};
}

Rect random_area_window(const RandomResizedCrop& params, Size image, RandomContext& random) {
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
    const int y = random_below(image.height - height + 1, random);
    return {random_below(image.width - width + 1, random), y, width, height};
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
  const auto is_valid = [](const std::array<double, 2>& range) {
    return range[0] > 0.0 && range[0] <= range[1];
  };
  if (is_valid(params.crop_ratio_range) && is_valid(params.aspect_ratio_range)) return;
  throw Error(ErrorKind::config,
              "crop_ratio_range and aspect_ratio_range must be (min, max) with 0 < min <= max");
}

}  // namespace

void describe(Schema<RandomResizedCrop>& schema) {
  schema
      .summary(
          "Crops to a window of random area and aspect ratio and resizes it; for images without "
          "boxes.")
      .required("scale", &RandomResizedCrop::scale, "size of the result; two numbers are (h, w)")
      .optional("crop_ratio_range", &RandomResizedCrop::crop_ratio_range,
                "smallest and largest fraction of the image's area")
      .optional("aspect_ratio_range", &RandomResizedCrop::aspect_ratio_range,
                "smallest and largest width / height, sampled log-uniformly")
      .optional("max_attempts", &RandomResizedCrop::max_attempts,
                "attempts to find a window that fits; then the middle of the image is used",
                between(0, 1'000'000))
      .optional("interpolation", &RandomResizedCrop::interpolation, "how pixels are interpolated")
      .optional("backend", &RandomResizedCrop::backend, "the library whose pixels are reproduced")
      .check(check);
}

FieldUse fields(const RandomResizedCrop&) {
  return {.needs = Field::image, .updates = Field::image};
}

bool apply(const RandomResizedCrop& params, Sample& sample, RandomContext& random) {
  const Rect window = random_area_window(params, sample.image.size(), random);
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
