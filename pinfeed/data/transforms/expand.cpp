// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.15; mmdet/datasets/transforms/transforms.py,
// Expand.
#include <cmath>
#include <utility>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/expand.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

void check(const Expand& params) {
  const auto [least, most] = params.ratio_range;
  if (least >= 1.0 && least <= most) return;
  throw Error(ErrorKind::config, "ratio_range must be (least, most), from 1 on");
}

std::array<double, 3> background(const Expand& params) {
  std::array<double, 3> mean = params.mean;
  if (params.to_rgb) std::swap(mean[0], mean[2]);
  return mean;
}

}  // namespace

void describe(Schema<Expand>& schema) {
  schema.summary("Puts the image at a random place of a larger one.")
      .optional("mean", &Expand::mean, "the colour around it")
      .optional("to_rgb", &Expand::to_rgb, "the colour is R, G, B")
      .optional("ratio_range", &Expand::ratio_range, "least and most of new side / old side")
      .accepted("seg_ignore_label", "a value of semantic maps; there are none")
      .optional("prob", &Expand::prob, "how likely it is", between(0, 1))
      .check(check);
}

FieldUse fields(const Expand&) {
  return {.needs = Field::image, .updates = Field::image | Field::boxes | Field::masks};
}

bool apply(const Expand& params, Sample& sample, RandomContext& random) {
  if (random.numpy.uniform(0.0, 1.0) > params.prob) return true;
  const Size before = sample.image.size();
  const double ratio = random.numpy.uniform(params.ratio_range[0], params.ratio_range[1]);
  const Size after = {static_cast<int>(before.width * ratio),
                      static_cast<int>(before.height * ratio)};
  const auto room = [&](int side) { return random.numpy.uniform(0.0, side * ratio - side); };
  const int left = static_cast<int>(room(before.width));
  const int top = static_cast<int>(room(before.height));
  sample.image = image::placed(sample.image, after, left, top,
                               stored_by_numpy(background(params), sample.image));
  sample.img_shape = after;
  for (Box& box : sample.boxes) {
    box = moved(box, static_cast<float>(left), static_cast<float>(top));
  }
  if (sample.fields.has(Field::masks)) expand(sample.masks, after, left, top, *sample.arena);
  return true;
}

Bound bound(const Expand& params, const Bound& images) {
  if (!images) return std::nullopt;
  const double most = params.ratio_range[1];
  const auto grown = [](std::int64_t count, double factor) {
    return static_cast<std::int64_t>(std::ceil(static_cast<double>(count) * factor));
  };
  return ImageBound{grown(images->width, most), grown(images->height, most),
                    grown(images->pixels, most * most)};
}

}  // namespace pinfeed
