// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/metrics/float_iou.h"

#include <algorithm>

namespace pinfeed {
namespace {

float float_area(const Box& box, float extra) {
  return (box.x2 - box.x1 + extra) * (box.y2 - box.y1 + extra);
}

}  // namespace

float float_iou(const Box& a, const Box& b, float extra) {
  constexpr float least = 1e-6F;  // of a union
  const float width = std::min(a.x2, b.x2) - std::max(a.x1, b.x1) + extra;
  const float height = std::min(a.y2, b.y2) - std::max(a.y1, b.y1) + extra;
  const float common = std::max(width, 0.0F) * std::max(height, 0.0F);
  const float all = float_area(a, extra) + float_area(b, extra) - common;
  return common / std::max(all, least);
}

}  // namespace pinfeed
