// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/datasets/transforms/transforms.py, RandomErasing.
#include "pinfeed/data/transforms/random_erasing.h"

#include <algorithm>

#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

template <class T>
std::array<T, 2> range_of(const std::variant<T, std::array<T, 2>>& range) {
  if (const T* one = std::get_if<T>(&range)) return {*one, *one};
  return std::get<std::array<T, 2>>(range);
}

std::array<double, 3> color_of(const RandomErasing& params) {
  if (const double* one = std::get_if<double>(&params.img_border_value)) return {*one, *one, *one};
  return std::get<std::array<double, 3>>(params.img_border_value);
}

std::pmr::vector<Rect> random_patches(const RandomErasing& params, Sample& sample,
                                      RandomContext& random) {
  const Size image = sample.img_shape;
  const auto [fewest, most] = range_of(params.n_patches);
  const auto [low, high] = range_of(params.ratio);
  std::pmr::vector<Rect> patches(sample.arena);
  const std::int64_t count = random.numpy.randint(fewest, most + 1);
  for (std::int64_t i = 0; i < count; ++i) {
    const double height_ratio = random.numpy.random_sample() * (high - low) + low;
    const double width_ratio =
        params.squared ? height_ratio : random.numpy.random_sample() * (high - low) + low;
    const int height = static_cast<int>(image.height * height_ratio);
    const int width = static_cast<int>(image.width * width_ratio);
    const int x = static_cast<int>(random.numpy.randint(0, image.width - width));
    const int y = static_cast<int>(random.numpy.randint(0, image.height - height));
    patches.push_back({x, y, width, height});
  }
  return patches;
}

// The fraction of the box that the patches cover; overlapping patches count twice, as upstream.
double erased_fraction(const Box& box, std::span<const Rect> patches) {
  double covered = 0.0;
  for (const Rect& patch : patches) {
    const double width =
        std::min<double>(box.x2, patch.x + patch.width) - std::max<double>(box.x1, patch.x);
    const double height =
        std::min<double>(box.y2, patch.y + patch.height) - std::max<double>(box.y1, patch.y);
    covered += std::max(width, 0.0) * std::max(height, 0.0);
  }
  return covered / static_cast<double>((box.x2 - box.x1) * (box.y2 - box.y1) + 1e-7F);
}

void erase_objects(const RandomErasing& params, std::span<const Rect> patches, Sample& sample) {
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  for (const Box& box : sample.boxes) {
    keep.push_back(erased_fraction(box, patches) < params.bbox_erased_thr ? 1 : 0);
  }
  keep_objects(sample, keep);
}

void check(const RandomErasing& params) {
  const auto [fewest, most] = range_of(params.n_patches);
  const auto [low, high] = range_of(params.ratio);
  if (fewest < 0 || fewest > most) {
    throw Error(ErrorKind::config, "n_patches must be at least 0, or (min, max) with min <= max");
  }
  check_count(most, "n_patches");
  if (low < 0.0 || low > high || high > 1.0) {
    throw Error(ErrorKind::config, "ratio must be in [0, 1], or (min, max) with min <= max");
  }
}

}  // namespace

void describe(Schema<RandomErasing>& schema) {
  schema.summary("Fills random windows with one colour; removes boxes that are mostly covered.")
      .required("n_patches", &RandomErasing::n_patches, "number of windows, or (min, max)")
      .required("ratio", &RandomErasing::ratio,
                "fraction of each side that a window has, or (min, max)")
      .optional("squared", &RandomErasing::squared, "use the same fraction for both sides")
      .optional("bbox_erased_thr", &RandomErasing::bbox_erased_thr,
                "boxes are removed if at least this fraction is covered")
      .optional("img_border_value", &RandomErasing::img_border_value, "the colour")
      .optional("mask_border_value", &RandomErasing::mask_border_value, "the value in masks")
      .accepted("seg_ignore_label", "semantic maps are not supported")
      .check(check);
}

FieldUse fields(const RandomErasing&) {
  return {
      .needs = Field::image,
      .updates = Field::image | Field::boxes | Field::labels | Field::ignore_flags | Field::masks};
}

bool apply(const RandomErasing& params, Sample& sample, RandomContext& random) {
  const std::pmr::vector<Rect> patches = random_patches(params, sample, random);
  const auto color = fill_for(color_of(params), sample.image);
  for (const Rect& patch : patches) sample.image = image::erased(sample.image, patch, color);
  if (sample.fields.has(Field::boxes)) erase_objects(params, patches, sample);
  if (!sample.fields.has(Field::masks)) return true;
  for (const Rect& patch : patches) erase(sample.masks, patch, params.mask_border_value);
  return true;
}

Bound bound(const RandomErasing&, const Bound& images) { return images; }

}  // namespace pinfeed
