// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.15; mmdet/datasets/transforms/transforms.py,
// MinIoURandomCrop.
#include "pinfeed/data/transforms/min_iou_random_crop.h"

#include <algorithm>

#include "pinfeed/data/boxes.h"

namespace pinfeed {
namespace {

constexpr int tries_per_mode = 50;

// The smallest IoU of the window with each box; empty: the image is not cropped.
std::optional<double> random_min_iou(const MinIoURandomCrop& params, RandomContext& random) {
  const std::int64_t modes = std::ssize(params.min_ious) + 2;
  const std::int64_t mode = random.numpy.randint(0, modes);
  if (mode == modes - 1) return 0.0;
  if (mode == 0 || params.min_ious[static_cast<std::size_t>(mode - 1)] == 1.0) return std::nullopt;
  return params.min_ious[static_cast<std::size_t>(mode - 1)];
}

// Empty when the aspect ratio is not in [0.5, 2] or a side is 0.
std::optional<Rect> random_iou_window(const MinIoURandomCrop& params, Size image,
                                      RandomContext& random) {
  const double width = random.numpy.uniform(params.min_crop_size * image.width, image.width);
  const double height = random.numpy.uniform(params.min_crop_size * image.height, image.height);
  if (height / width < 0.5 || height / width > 2.0) return std::nullopt;
  // Upstream calls uniform with one argument: it is the low end, and the high end is 1.
  const double left = random.numpy.uniform(image.width - width, 1.0);
  const double top = random.numpy.uniform(image.height - height, 1.0);
  const int x = static_cast<int>(left);
  const int y = static_cast<int>(top);
  const int right = std::min(static_cast<int>(left + width), image.width);
  const int bottom = std::min(static_cast<int>(top + height), image.height);
  if (right == x || bottom == y) return std::nullopt;
  return Rect{x, y, right - x, bottom - y};
}

Box box_of(const Rect& window) {
  return {static_cast<float>(window.x), static_cast<float>(window.y),
          static_cast<float>(window.x + window.width),
          static_cast<float>(window.y + window.height)};
}

bool overlaps_all(const Sample& sample, const Rect& window, double min_iou) {
  return std::all_of(sample.boxes.begin(), sample.boxes.end(), [&](const Box& box) {
    return static_cast<double>(iou(box_of(window), box)) >= min_iou;
  });
}

bool has_centre(const Box& window, const Box& box) {
  const float x = (box.x1 + box.x2) / 2.0F;
  const float y = (box.y1 + box.y2) / 2.0F;
  return x > window.x1 && y > window.y1 && x < window.x2 && y < window.y2;
}

void crop_to(const MinIoURandomCrop& params, const Rect& window, std::span<const std::uint8_t> keep,
             Sample& sample) {
  keep_objects(sample, keep);
  for (Box& box : sample.boxes) {
    box = moved(box, static_cast<float>(-window.x), static_cast<float>(-window.y));
    if (params.bbox_clip_border) box = clipped(box, {window.width, window.height});
  }
  if (sample.fields.has(Field::masks)) crop(sample.masks, window);
  sample.image = image::cropped(sample.image, window);
  sample.img_shape = {window.width, window.height};
}

bool try_window(const MinIoURandomCrop& params, const Rect& window, double min_iou,
                Sample& sample) {
  if (!overlaps_all(sample, window, min_iou)) return false;
  std::pmr::vector<std::uint8_t> keep(sample.arena);
  for (const Box& box : sample.boxes) keep.push_back(has_centre(box_of(window), box) ? 1 : 0);
  const bool any =
      std::any_of(keep.begin(), keep.end(), [](std::uint8_t flag) { return flag != 0; });
  if (!any && !keep.empty()) return false;
  crop_to(params, window, keep, sample);
  return true;
}

}  // namespace

void describe(Schema<MinIoURandomCrop>& schema) {
  schema
      .summary(
          "Crops to a random window with a minimum IoU with every box; removes boxes centred "
          "outside.")
      .optional("min_ious", &MinIoURandomCrop::min_ious,
                "the minima to choose from; no minimum and no crop are choices too")
      .optional("min_crop_size", &MinIoURandomCrop::min_crop_size, "smallest fraction of each side",
                between(0, 1))
      .optional("bbox_clip_border", &MinIoURandomCrop::bbox_clip_border,
                "clip boxes to the window");
}

FieldUse fields(const MinIoURandomCrop&) {
  return {
      .needs = Field::image | Field::boxes,
      .updates = Field::image | Field::boxes | Field::labels | Field::ignore_flags | Field::masks};
}

bool apply(const MinIoURandomCrop& params, Sample& sample, RandomContext& random) {
  const Size image = sample.image.size();
  while (true) {
    const std::optional<double> min_iou = random_min_iou(params, random);
    if (!min_iou) return true;
    for (int i = 0; i < tries_per_mode; ++i) {
      const std::optional<Rect> window = random_iou_window(params, image, random);
      if (window && try_window(params, *window, *min_iou, sample)) return true;
    }
  }
}

Bound bound(const MinIoURandomCrop&, const Bound& images) { return images; }

}  // namespace pinfeed
