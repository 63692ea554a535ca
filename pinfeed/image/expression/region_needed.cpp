// SPDX-License-Identifier: Apache-2.0
// Which part of a source the result depends on.
//
// A mosaic renders up to four images onto a canvas of which a later warp or crop reads a part. The
// region is found from the last step back to the source: each step maps the rectangle of its result
// that is needed to the rectangle of its input that it reads. A step without a rule of its own
// reads its whole input, so a missing rule costs time and never changes a pixel.
//
// The region must never be too small, since pixels outside are not initialised. A resize and a warp
// therefore add `margin` pixels on each side for the second neighbour and for rounding. For a warp
// it is enough to map the corners of the result: a projective map takes a convex shape to a convex
// shape as long as the depth stays positive. If the depth of a corner is not positive, the whole
// input is needed.
#include "pinfeed/image/expression/region_needed.h"

#include <cmath>

namespace pinfeed::image {
namespace {

constexpr int margin = 2;

// The positions of an axis of `count` pixels that the corners of a result read.
struct PositionRange {
  double count;
  double min = count;
  double max = -1.0;

  // False where the position is not a number.
  bool add(double position) {
    if (std::isnan(position)) return false;
    position = std::clamp(position, -1.0, count);
    min = std::min(min, position);
    max = std::max(max, position);
    return true;
  }
};

Rect warp_source_rect(const Warped& step, Size result, Size source) {
  const auto& m = step.back;
  PositionRange columns{static_cast<double>(source.width)};
  PositionRange rows{static_cast<double>(source.height)};
  for (const double x : {0.0, result.width - 1.0}) {
    for (const double y : {0.0, result.height - 1.0}) {
      const double depth = m[6] * x + m[7] * y + m[8];
      const bool known = depth > 0.0 && columns.add((m[0] * x + m[1] * y + m[2]) / depth) &&
                         rows.add((m[3] * x + m[4] * y + m[5]) / depth);
      if (!known) return whole(source);
    }
  }
  const int left = static_cast<int>(std::floor(columns.min)) - margin;
  const int top = static_cast<int>(std::floor(rows.min)) - margin;
  const int right = static_cast<int>(std::ceil(columns.max)) + margin;
  const int bottom = static_cast<int>(std::ceil(rows.max)) + margin;
  return common(whole(source), {left, top, right - left + 1, bottom - top + 1});
}

Rect flip_source_rect(Rect wanted, FlipDirection direction, Size size) {
  if (direction != FlipDirection::vertical) wanted.x = size.width - wanted.x - wanted.width;
  if (direction != FlipDirection::horizontal) wanted.y = size.height - wanted.y - wanted.height;
  return wanted;
}

// One rule per node kind: the part of the input, of size `source`, that is read for `wanted` of the
// result, of size `result`.
struct RegionRead {
  Rect wanted;
  Size result;
  Size source;

  Rect operator()(const Warped& step) const { return warp_source_rect(step, result, source); }
  Rect operator()(const Cropped& step) const { return moved(wanted, step.window.x, step.window.y); }
  Rect operator()(const Resized& step) const {
    const bool two_neighbours =
        step.pixels_of == Library::opencv && (step.interpolation == Interpolation::bilinear ||
                                              step.interpolation == Interpolation::nearest);
    return two_neighbours ? resize_source_rect(wanted, result, source) : whole(source);
  }
  Rect operator()(const Flipped& step) const {
    return flip_source_rect(wanted, step.direction, result);
  }
  Rect operator()(const Placed& step) const {
    return common(whole(source), moved(wanted, -step.x, -step.y));
  }
  Rect operator()(const Erased&) const { return wanted; }
  Rect operator()(const Normalization&) const { return wanted; }
  Rect operator()(const AsFloat&) const { return wanted; }
  template <class Other>
  Rect operator()(const Other&) const {
    return whole(source);
  }
};

}  // namespace

Rect resize_source_rect(Rect wanted, Size result, Size source) {
  const double x_scale = static_cast<double>(source.width) / result.width;
  const double y_scale = static_cast<double>(source.height) / result.height;
  const int left = static_cast<int>(wanted.x * x_scale) - margin;
  const int top = static_cast<int>(wanted.y * y_scale) - margin;
  const int right = static_cast<int>((wanted.x + wanted.width) * x_scale) + margin;
  const int bottom = static_cast<int>((wanted.y + wanted.height) * y_scale) + margin;
  return common(whole(source), {left, top, right - left + 1, bottom - top + 1});
}

Rect region_needed(Size size, std::span<const Node* const> chain, Rect window) {
  for (std::size_t i = chain.size(); i-- > 0;) {
    if (is_empty(window)) return {};
    const Size source = i == 0 ? size : chain[i - 1]->size;
    window = std::visit(RegionRead{window, chain[i]->size, source}, chain[i]->step);
  }
  return window;
}

}  // namespace pinfeed::image
