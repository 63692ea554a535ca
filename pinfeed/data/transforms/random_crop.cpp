// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.6.
#include "pinfeed/data/transforms/random_crop.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/data/boxes.h"

namespace pinfeed {
namespace {

// Closed interval [low, high].
int random_integer(int low, int high, RandomContext& random) {
  return static_cast<int>(random.numpy.randint(low, high + 1));
}

int fraction_of(int side, double fraction) { return whole_number(side * fraction + 0.5); }

// Upstream keeps the fractions in float32 and adds a double: f + u * (1 - f).
double random_fraction(double fraction, double u) {
  const auto smallest = static_cast<float>(fraction);
  return static_cast<double>(smallest) + u * static_cast<double>(1.0F - smallest);
}

Size absolute(const RandomCrop& params, Size image) {
  return {std::min(static_cast<int>(params.crop_size[0]), image.width),
          std::min(static_cast<int>(params.crop_size[1]), image.height)};
}

Size absolute_range(const RandomCrop& params, Size image, RandomContext& random) {
  const int low = static_cast<int>(params.crop_size[0]);
  const int high = static_cast<int>(params.crop_size[1]);
  const int height =
      random_integer(std::min(image.height, low), std::min(image.height, high), random);
  return {random_integer(std::min(image.width, low), std::min(image.width, high), random), height};
}

// As upstream, the first number is the fraction of the height here, unlike in `relative`.
Size relative_range(const RandomCrop& params, Size image, RandomContext& random) {
  const double height_number = random.numpy.random_sample();
  const double width_number = random.numpy.random_sample();
  return {fraction_of(image.width, random_fraction(params.crop_size[1], width_number)),
          fraction_of(image.height, random_fraction(params.crop_size[0], height_number))};
}

Size random_crop_size(const RandomCrop& params, Size image, RandomContext& random) {
  switch (params.crop_type) {
    case CropType::absolute: return absolute(params, image);
    case CropType::absolute_range: return absolute_range(params, image, random);
    case CropType::relative:
      return {fraction_of(image.width, params.crop_size[0]),
              fraction_of(image.height, params.crop_size[1])};
    case CropType::relative_range: return relative_range(params, image, random);
  }
  return image;
}

Rect random_crop_window(const RandomCrop& params, Size image, RandomContext& random) {
  const Size size = random_crop_size(params, image, random);
  if (size.width < 1 || size.height < 1) {
    throw Error(ErrorKind::data, "the crop of an image of " + to_string(image) + " is " +
                                     to_string(size) + ": no pixel is left");
  }
  const int y = random_integer(0, image.height - size.height, random);
  return {random_integer(0, image.width - size.width, random), y, size.width, size.height};
}

// False when no box lies in the window.
bool crop_boxes(const RandomCrop& params, const Rect& window, Sample& sample) {
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  bool any = false;
  for (Box& box : sample.boxes) {
    box = moved(box, static_cast<float>(-window.x), static_cast<float>(-window.y));
    if (params.bbox_clip_border) box = clipped(box, {window.width, window.height});
    keep.push_back(is_inside(box, {window.width, window.height}) ? 1 : 0);
    any = any || keep.back() != 0;
  }
  keep_objects(sample, keep);
  return any;
}

void crop_masks(const RandomCrop& params, const Rect& window, Sample& sample) {
  crop(sample.masks, window);
  if (!params.recompute_bbox || !sample.fields.has(Field::boxes)) return;
  for (std::size_t i = 0; i < sample.boxes.size(); ++i) sample.boxes[i] = box_of(sample.masks, i);
}

void check(const RandomCrop& params) {
  const auto [first, second] = params.crop_size;
  const bool in_pixels =
      params.crop_type == CropType::absolute || params.crop_type == CropType::absolute_range;
  if (!in_pixels && !(first > 0 && first <= 1 && second > 0 && second <= 1)) {
    throw Error(ErrorKind::config, "a relative crop_size must lie in (0, 1]");
  }
  const bool whole = std::floor(first) == first && std::floor(second) == second;
  if (in_pixels && !(first >= 1 && second >= 1 && whole && first < 1e9 && second < 1e9)) {
    throw Error(ErrorKind::config, "an absolute crop_size must be two whole numbers, at least 1");
  }
  if (params.crop_type == CropType::absolute_range && first > second) {
    throw Error(ErrorKind::config,
                "crop_size of absolute_range must be (min, max) with min <= max");
  }
}

}  // namespace

void describe(Schema<RandomCrop>& schema) {
  schema.summary("Crops to a window at a random position; removes boxes outside it.")
      .required("crop_size", &RandomCrop::crop_size,
                "absolute: (w, h); absolute_range: (min, max) of both sides; relative: fractions "
                "of (w, h); relative_range: smallest fractions of (h, w)")
      .optional("crop_type", &RandomCrop::crop_type, "how crop_size is read")
      .optional("allow_negative_crop", &RandomCrop::allow_negative_crop,
                "keep samples that lose all their boxes")
      .optional("recompute_bbox", &RandomCrop::recompute_bbox,
                "compute boxes from the cropped masks, if there are masks")
      .optional("bbox_clip_border", &RandomCrop::bbox_clip_border, "clip boxes to the window")
      .check(check);
}

FieldUse fields(const RandomCrop&) {
  return {
      .needs = Field::image,
      .updates = Field::image | Field::boxes | Field::labels | Field::ignore_flags | Field::masks};
}

bool apply(const RandomCrop& params, Sample& sample, RandomContext& random) {
  const Rect window = random_crop_window(params, sample.image.size(), random);
  sample.image = image::cropped(sample.image, window);
  sample.img_shape = {window.width, window.height};
  if (!sample.fields.has(Field::boxes)) return true;
  if (!crop_boxes(params, window, sample) && !params.allow_negative_crop) return false;
  if (sample.fields.has(Field::masks)) crop_masks(params, window, sample);
  return true;
}

Bound bound(const RandomCrop& params, const Bound& images) {
  const auto [first, second] = params.crop_size;
  const auto limit = static_cast<std::int64_t>(second);
  switch (params.crop_type) {
    case CropType::absolute: return cropped_bound(images, static_cast<std::int64_t>(first), limit);
    case CropType::absolute_range: return cropped_bound(images, limit, limit);
    case CropType::relative:
    case CropType::relative_range: break;
  }
  return images;
}

}  // namespace pinfeed
