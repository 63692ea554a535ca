// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmdet/structures/mask/structures.py, rescale, translate, cat, crop.
#include "pinfeed/data/mask_moves.h"

#include <algorithm>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

image::ImageExpr empty_mask(Size size, Arena& arena) {
  return image::outlined(arena.make<image::Outline>(image::Outline{.size = size}), arena);
}

image::ImageExpr translated(const image::ImageExpr& bitmap, Size canvas, int x, int y,
                            Arena& arena) {
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
    // The copy is not shared with another sample.
    auto* at = const_cast<double*>(polygon.data());  // NOLINT
    for (std::size_t i = 0; i < polygon.size(); ++i) {
      const bool horizontal = i % 2 == 0;
      at[i] = std::clamp(at[i] + (horizontal ? x : y), 0.0,
                         static_cast<double>(horizontal ? canvas.width : canvas.height));
    }
  }
  return made;
}

}  // namespace

void rescale(Masks& masks, double factor, Arena& arena) {
  resize(masks,
         {whole_number(masks.size.width * factor + 0.5),
          whole_number(masks.size.height * factor + 0.5)},
         arena);
}

void translate(Masks& masks, Size canvas, int x, int y, Arena& arena) {
  masks.size = canvas;
  for (image::ImageExpr& bitmap : masks.bitmaps) bitmap = translated(bitmap, canvas, x, y, arena);
  for (const image::Outline*& outline : masks.outlines) {
    outline = translated(*outline, canvas, x, y, arena);
  }
}

// As upstream, whose bitmaps are one array; polygons of any size can be joined.
void append(Masks& masks, const Masks& others) {
  const Size own = masks.bitmaps.empty() ? masks.size : masks.bitmaps.front().size();
  for (const image::ImageExpr& bitmap : others.bitmaps) {
    if (own == Size{} || bitmap.size() == own) continue;
    throw Error(ErrorKind::data, "masks of " + to_string(own) + " and of " +
                                     to_string(bitmap.size()) + " cannot be joined")
        .help("a step before this one gives the masks another size than the image");
  }
  masks.bitmaps.insert(masks.bitmaps.end(), others.bitmaps.begin(), others.bitmaps.end());
  masks.outlines.insert(masks.outlines.end(), others.outlines.begin(), others.outlines.end());
}

}  // namespace pinfeed
