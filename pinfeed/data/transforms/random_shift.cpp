// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.15; mmdet/datasets/transforms/transforms.py,
// RandomShift.
#include "pinfeed/data/transforms/random_shift.h"

#include <algorithm>
#include <cstdlib>

#include "pinfeed/data/boxes.h"
#include "pinfeed/data/transforms/objects.h"

namespace pinfeed {
namespace {

// Nothing of the image is left where the offset is at least its side: upstream's result is black
// then, or numpy fails to assign arrays of different shapes.
image::ImageExpr shifted(const image::ImageExpr& image, int dx, int dy) {
  const Size size = image.size();
  if (std::abs(dx) >= size.width || std::abs(dy) >= size.height) {
    return image::erased(image, {0, 0, size.width, size.height}, {});
  }
  const Rect visible = {std::max(0, -dx), std::max(0, -dy), size.width - std::abs(dx),
                        size.height - std::abs(dy)};
  return image::placed(image::cropped(image, visible), size, std::max(0, dx), std::max(0, dy), {});
}

}  // namespace

void describe(Schema<RandomShift>& schema) {
  schema.summary("Translates the image by a random offset; uncovered pixels are black.")
      .optional("prob", &RandomShift::prob, "probability of the step", between(0, 1))
      .optional("max_shift_px", &RandomShift::max_shift_px, "the offset is in [-max, max), pixels",
                at_least(1))
      .optional("filter_thr_px", &RandomShift::filter_thr_px,
                "a box must be larger than this width and height, pixels");
}

FieldUse fields(const RandomShift&) {
  return {.needs = Field::image | Field::boxes | Field::labels,
          .updates = Field::image | Field::boxes | Field::labels | Field::ignore_flags};
}

// As upstream, an offset that would remove all boxes is not applied.
bool apply(const RandomShift& params, Sample& sample, RandomContext& random) {
  refuse_masks(sample, RandomShift::name);
  if (random.numpy.uniform(0.0, 1.0) >= params.prob) return true;
  const int limit = params.max_shift_px;
  const int dx = static_cast<int>(random.numpy.randint(-limit, limit));
  const int dy = static_cast<int>(random.numpy.randint(-limit, limit));
  const auto threshold = static_cast<float>(params.filter_thr_px);
  std::pmr::vector<Box> boxes(sample.arena);
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  bool any = false;
  for (const Box& box : sample.boxes) {
    boxes.push_back(
        clipped(moved(box, static_cast<float>(dx), static_cast<float>(dy)), sample.image.size()));
    const Box& now = boxes.back();
    keep.push_back(now.x2 - now.x1 > threshold && now.y2 - now.y1 > threshold ? 1 : 0);
    any = any || keep.back() != 0;
  }
  if (!any) return true;
  sample.boxes = std::move(boxes);
  keep_objects(sample, keep);
  sample.image = shifted(sample.image, dx, dy);
  return true;
}

Bound bound(const RandomShift&, const Bound& images) { return images; }

}  // namespace pinfeed
