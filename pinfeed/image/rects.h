// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>

#include "pinfeed/core/geometry.h"

namespace pinfeed::image {

/// The intersection of two rectangles; all zero if it is empty.
inline Rect common(Rect a, Rect b) {
  const int x = std::max(a.x, b.x);
  const int y = std::max(a.y, b.y);
  const int width = std::min(a.x + a.width, b.x + b.width) - x;
  const int height = std::min(a.y + a.height, b.y + b.height) - y;
  if (width <= 0 || height <= 0) return {};
  return {x, y, width, height};
}

inline bool is_empty(Rect rect) { return rect.width == 0 || rect.height == 0; }

inline Rect moved(Rect rect, int x, int y) {
  return {rect.x + x, rect.y + y, rect.width, rect.height};
}

inline Rect whole(Size size) { return {0, 0, size.width, size.height}; }

}  // namespace pinfeed::image
