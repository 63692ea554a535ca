// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/structures/mask/structures.py, rescale, translate, cat, crop.
#include "pinfeed/data/mask_moves.h"

#include <algorithm>

namespace pinfeed {
namespace {

image::Picture empty_mask(Size size, Arena& arena) {
  return image::outlined(arena.make<image::Outline>(image::Outline{size, {}, {}}), arena);
}

image::Picture translated(const image::Picture& bitmap, Size canvas, int x, int y, Arena& arena) {
  const int right = std::min({bitmap.size().width, canvas.width, canvas.width - x});
  const int bottom = std::min({bitmap.size().height, canvas.height, canvas.height - y});
  const Rect part = {std::max(0, -x), std::max(0, -y), right - std::max(0, -x),
                     bottom - std::max(0, -y)};
  if (part.width <= 0 || part.height <= 0) return empty_mask(canvas, arena);
  return image::placed(image::cropped(bitmap, part), canvas, part.x + x, part.y + y, {});
}

const image::Outline* translated(const image::Outline& outline, Size canvas, int x, int y,
                                 Arena& arena) {
  image::Outline* made = arena.make<image::Outline>(*image::copied(outline, arena));
  made->size = canvas;
  for (const std::span<const double> polygon : made->polygons) {
    // The copy is ours alone.
    auto* at = const_cast<double*>(polygon.data());  // NOLINT
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const bool across = i % 2 == 0;
      at[i] = std::clamp(at[i] + (across ? x : y), 0.0,
                         static_cast<double>(across ? canvas.width : canvas.height));
    }
  }
  return made;
}

using Corners = std::pmr::vector<double>;

// The part of a polygon on one side of a line: where one coordinate is at least (or at most) this.
Corners beyond(const Corners& polygon, std::size_t axis, double border, bool at_least) {
  Corners kept(polygon.get_allocator());
  const std::size_t count = polygon.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const double* from = &polygon[2 * i];
    const double* to = &polygon[2 * ((i + 1) % count)];
    const bool starts = at_least ? from[axis] >= border : from[axis] <= border;
    const bool ends = at_least ? to[axis] >= border : to[axis] <= border;
    if (starts) kept.insert(kept.end(), {from[0], from[1]});
    if (starts == ends) continue;
    const double share = (border - from[axis]) / (to[axis] - from[axis]);
    const double other = from[1 - axis] + share * (to[1 - axis] - from[1 - axis]);
    kept.insert(kept.end(), {axis == 0 ? border : other, axis == 0 ? other : border});
  }
  return kept;
}

}  // namespace

void rescale(Masks& masks, double factor, Arena& arena) {
  resize(masks,
         {static_cast<int>(masks.size.width * factor + 0.5),
          static_cast<int>(masks.size.height * factor + 0.5)},
         arena);
}

void translate(Masks& masks, Size canvas, int x, int y, Arena& arena) {
  masks.size = canvas;
  for (image::Picture& bitmap : masks.bitmaps) bitmap = translated(bitmap, canvas, x, y, arena);
  for (const image::Outline*& outline : masks.outlines) {
    outline = translated(*outline, canvas, x, y, arena);
  }
}

void append(Masks& masks, const Masks& others) {
  masks.bitmaps.insert(masks.bitmaps.end(), others.bitmaps.begin(), others.bitmaps.end());
  masks.outlines.insert(masks.outlines.end(), others.outlines.begin(), others.outlines.end());
}

std::pmr::vector<double> cut_polygon(std::span<const double> polygon, const Rect& window,
                                     std::pmr::memory_resource* memory) {
  Corners kept(polygon.begin(), polygon.end(), memory);
  kept = beyond(kept, 0, window.x, true);
  kept = beyond(kept, 0, window.x + window.width, false);
  kept = beyond(kept, 1, window.y, true);
  kept = beyond(kept, 1, window.y + window.height, false);
  if (kept.size() < 6) kept.clear();
  for (std::size_t i = 0; i < kept.size(); ++i) kept[i] -= i % 2 == 0 ? window.x : window.y;
  return kept;
}

}  // namespace pinfeed
