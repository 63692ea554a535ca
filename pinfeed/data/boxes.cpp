// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 4.0.
#include "pinfeed/data/boxes.h"

#include <algorithm>

namespace pinfeed {

Box scaled(const Box& box, float width_scale, float height_scale) {
  return {box.x1 * width_scale, box.y1 * height_scale, box.x2 * width_scale, box.y2 * height_scale};
}

Box moved(const Box& box, float dx, float dy) {
  return {box.x1 + dx, box.y1 + dy, box.x2 + dx, box.y2 + dy};
}

Box clipped(const Box& box, Size image) {
  const auto width = static_cast<float>(image.width);
  const auto height = static_cast<float>(image.height);
  return {std::clamp(box.x1, 0.0F, width), std::clamp(box.y1, 0.0F, height),
          std::clamp(box.x2, 0.0F, width), std::clamp(box.y2, 0.0F, height)};
}

Box flipped(const Box& box, Size image, image::FlipDirection direction) {
  const auto width = static_cast<float>(image.width);
  const auto height = static_cast<float>(image.height);
  Box mirrored = box;
  if (direction != image::FlipDirection::vertical) {
    mirrored.x1 = width - box.x2;
    mirrored.x2 = width - box.x1;
  }
  if (direction != image::FlipDirection::horizontal) {
    mirrored.y1 = height - box.y2;
    mirrored.y2 = height - box.y1;
  }
  return mirrored;
}

float iou(const Box& a, const Box& b) {
  const float width = std::max(std::min(a.x2, b.x2) - std::max(a.x1, b.x1), 0.0F);
  const float height = std::max(std::min(a.y2, b.y2) - std::max(a.y1, b.y1), 0.0F);
  const float both = width * height;
  const float sum = (a.x2 - a.x1) * (a.y2 - a.y1) + (b.x2 - b.x1) * (b.y2 - b.y1);
  return both / std::max(sum - both, 1e-6F);
}

bool is_inside(const Box& box, Size image) {
  return box.x1 < static_cast<float>(image.width) && box.y1 < static_cast<float>(image.height) &&
         box.x2 > 0.0F && box.y2 > 0.0F;
}

}  // namespace pinfeed
