// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/region_needed.h"

#include <cmath>

namespace pinfeed::image {
namespace {

// Pixels beside a place: the neighbours that are mixed in, and what is rounded.
constexpr int reach = 2;

struct Range {
  double least = 1e9;
  double most = -1e9;

  void add(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

// A convex part of a plane stays convex as long as it does not reach behind the eye: its corners
// bound it.
Rect seen(const Warped& step, Size result, Size source) {
  const auto& m = step.back;
  Range columns;
  Range rows;
  for (const double x : {0.0, result.width - 1.0}) {
    for (const double y : {0.0, result.height - 1.0}) {
      const double depth = m[6] * x + m[7] * y + m[8];
      if (!(depth > 0.0)) return whole(source);
      columns.add(std::clamp((m[0] * x + m[1] * y + m[2]) / depth, -1e6, 1e6));
      rows.add(std::clamp((m[3] * x + m[4] * y + m[5]) / depth, -1e6, 1e6));
    }
  }
  const int left = static_cast<int>(std::floor(columns.least)) - reach;
  const int top = static_cast<int>(std::floor(rows.least)) - reach;
  const int right = static_cast<int>(std::ceil(columns.most)) + reach;
  const int bottom = static_cast<int>(std::ceil(rows.most)) + reach;
  return common(whole(source), {left, top, right - left + 1, bottom - top + 1});
}

Rect before_flip(Rect wanted, FlipDirection direction, Size size) {
  if (direction != FlipDirection::vertical) wanted.x = size.width - wanted.x - wanted.width;
  if (direction != FlipDirection::horizontal) wanted.y = size.height - wanted.y - wanted.height;
  return wanted;
}

// What each step reads of an image of `source` where `wanted` of its result, of `result`, is
// wanted. Steps that are not named read all of it.
struct Reads {
  Rect wanted;
  Size result;
  Size source;

  Rect operator()(const Warped& step) const { return seen(step, result, source); }
  Rect operator()(const Cropped& step) const { return moved(wanted, step.window.x, step.window.y); }
  Rect operator()(const Resized& step) const {
    const bool near =
        step.pixels_of == Library::opencv && (step.interpolation == Interpolation::bilinear ||
                                              step.interpolation == Interpolation::nearest);
    return near ? before_resize(wanted, result, source) : whole(source);
  }
  Rect operator()(const Flipped& step) const { return before_flip(wanted, step.direction, result); }
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

Rect before_resize(Rect wanted, Size result, Size source) {
  const double across = static_cast<double>(source.width) / result.width;
  const double with_context = static_cast<double>(source.height) / result.height;
  const int left = static_cast<int>(wanted.x * across) - reach;
  const int top = static_cast<int>(wanted.y * with_context) - reach;
  const int right = static_cast<int>((wanted.x + wanted.width) * across) + reach;
  const int bottom = static_cast<int>((wanted.y + wanted.height) * with_context) + reach;
  return common(whole(source), {left, top, right - left + 1, bottom - top + 1});
}

Rect needed(Size size, std::span<const Node* const> chain, Rect window) {
  if (chain.empty() || is_empty(window)) return window;
  const Node& node = *chain.front();
  const Rect wanted = needed(node.size, chain.subspan(1), window);
  if (is_empty(wanted)) return {};
  return std::visit(Reads{wanted, node.size, size}, node.step);
}

}  // namespace pinfeed::image
