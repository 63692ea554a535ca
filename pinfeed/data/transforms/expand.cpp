// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.15; mmdet/datasets/transforms/transforms.py,
// Expand.
#include "pinfeed/data/transforms/expand.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

void check(const Expand& params) {
  const auto [low, high] = params.ratio_range;
  if (low >= 1.0 && low <= high) return;
  throw Error(ErrorKind::config, "ratio_range must be (min, max) with 1 <= min <= max");
}

std::array<double, 3> background(const Expand& params) {
  std::array<double, 3> mean = params.mean;
  if (params.to_rgb) std::swap(mean[0], mean[2]);
  return mean;
}

}  // namespace

void describe(Schema<Expand>& schema) {
  schema.summary("Pastes the image at a random position of a larger canvas.")
      .optional("mean", &Expand::mean, "fill colour of the canvas")
      .optional("to_rgb", &Expand::to_rgb, "`mean` is R, G, B instead of B, G, R")
      .optional("ratio_range", &Expand::ratio_range, "smallest and largest factor of each side")
      .accepted("seg_ignore_label", "semantic maps are not supported")
      .optional("prob", &Expand::prob, "probability of the step", between(0, 1))
      .check(check);
}

FieldUse fields(const Expand&) {
  return {.needs = Field::image, .updates = Field::image | Field::boxes | Field::masks};
}

bool apply(const Expand& params, Sample& sample, RandomContext& random) {
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  const Size before = sample.image.size();
  const double ratio = random.numpy.uniform(params.ratio_range[0], params.ratio_range[1]);
  const Size after = {whole_number(before.width * ratio), whole_number(before.height * ratio)};
  const auto random_offset = [&](int side) {
    return random.numpy.uniform(0.0, side * ratio - side);
  };
  const int left = whole_number(random_offset(before.width));
  const int top = whole_number(random_offset(before.height));
  sample.image =
      image::placed(sample.image, after, left, top, fill_for(background(params), sample.image));
  sample.img_shape = after;
  for (Box& box : sample.boxes) {
    box = moved(box, static_cast<float>(left), static_cast<float>(top));
  }
  if (sample.fields.has(Field::masks)) expand(sample.masks, after, left, top, *sample.arena);
  return true;
}

Bound bound(const Expand& params, const Bound& images) {
  if (!images) return std::nullopt;
  const double largest = params.ratio_range[1];
  const auto grown = [](std::int64_t count, double factor) {
    constexpr double limit = 1e18;  // far above what any step may make
    return static_cast<std::int64_t>(
        std::min(std::ceil(static_cast<double>(count) * factor), limit));
  };
  return ImageBound{grown(images->width, largest), grown(images->height, largest),
                    grown(images->pixels, largest * largest)};
}

}  // namespace pinfeed
