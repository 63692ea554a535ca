// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/need.h"

#include <cmath>

namespace pinfeed::image {
namespace {

struct Range {
  double least = 1e9;
  double most = -1e9;

  void add(double value) {
    least = std::min(least, value);
    most = std::max(most, value);
  }
};

// A convex part of a plane stays convex as long as it does not reach behind the eye: its corners
// bound it. Two more pixels for the neighbours that are mixed in and for what is rounded.
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
  constexpr int reach = 2;
  const int left = static_cast<int>(std::floor(columns.least)) - reach;
  const int top = static_cast<int>(std::floor(rows.least)) - reach;
  const int right = static_cast<int>(std::ceil(columns.most)) + reach;
  const int bottom = static_cast<int>(std::ceil(rows.most)) + reach;
  return common(whole(source), {left, top, right - left + 1, bottom - top + 1});
}

}  // namespace

Rect needed(Size size, std::span<const Node* const> chain, Rect window) {
  if (chain.empty()) return window;
  const Node& node = *chain.front();
  if (const auto* step = std::get_if<Warped>(&node.step)) return seen(*step, node.size, size);
  const auto* step = std::get_if<Cropped>(&node.step);
  if (step == nullptr) return whole(size);
  const Rect inner = needed(node.size, chain.subspan(1), window);
  return moved(inner, step->window.x, step->window.y);
}

}  // namespace pinfeed::image
