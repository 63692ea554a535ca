// SPDX-License-Identifier: Apache-2.0
// What of a canvas is looked at by the steps above it: the rest need not be computed.
#pragma once

#include <span>

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/rects.h"

namespace pinfeed::image {

/// The part of a source of `size` that is read where `window` is wanted of what the chain of steps
/// makes of it. Never too small.
Rect needed(Size size, std::span<const Node* const> chain, Rect window);

/// The part of an image of `source` that `wanted` of it is made from when it is resized to
/// `result`, nearest or bilinear, and at most a few pixels more.
Rect before_resize(Rect wanted, Size result, Size source);

/// Where a piece lies on its canvas.
inline Rect place_of(const Piece& piece) {
  return moved(whole(piece.image.size()), piece.x, piece.y);
}

/// Calls `visit` with rectangles that together are `rect` without the pieces.
template <class Visit>
void for_each_gap(Rect rect, std::span<const Piece> pieces, const Visit& visit) {
  if (is_empty(rect)) return;
  if (pieces.empty()) return visit(rect);
  const Rect covered = common(rect, place_of(pieces.front()));
  const auto others = pieces.subspan(1);
  if (is_empty(covered)) return for_each_gap(rect, others, visit);
  const int right = covered.x + covered.width;
  const int bottom = covered.y + covered.height;
  for_each_gap({rect.x, rect.y, rect.width, covered.y - rect.y}, others, visit);
  for_each_gap({rect.x, bottom, rect.width, rect.y + rect.height - bottom}, others, visit);
  for_each_gap({rect.x, covered.y, covered.x - rect.x, covered.height}, others, visit);
  for_each_gap({right, covered.y, rect.x + rect.width - right, covered.height}, others, visit);
}

}  // namespace pinfeed::image
