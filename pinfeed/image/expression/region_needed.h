// SPDX-License-Identifier: Apache-2.0
// The part of a source that later steps read. The rest of a canvas need not be rendered.
#pragma once

#include <span>

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/rects.h"

namespace pinfeed::image {

/// The part of a source of `size` that must be rendered for `window` of the result of `chain`, the
/// steps above the source from first to last. May be larger than necessary, never smaller.
Rect region_needed(Size size, std::span<const Node* const> chain, Rect window);

/// The part of an image of size `source` that `wanted` depends on after a nearest or bilinear
/// resize to `result`. At most a few pixels larger than necessary.
Rect resize_source_rect(Rect wanted, Size result, Size source);

/// The rectangle that a piece covers on its canvas.
inline Rect rect_of(const Piece& piece) {
  return moved(whole(piece.image.size()), piece.x, piece.y);
}

/// Calls `visit` with disjoint rectangles that cover the part of `rect` outside all pieces.
template <class Visit>
void for_each_gap(Rect rect, std::span<const Piece> pieces, const Visit& visit) {
  if (is_empty(rect)) return;
  if (pieces.empty()) return visit(rect);
  const Rect covered = common(rect, rect_of(pieces.front()));
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
