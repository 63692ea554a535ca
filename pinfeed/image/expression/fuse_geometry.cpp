// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "pinfeed/image/expression/fuse.h"
#include "pinfeed/image/expression/fuse_rules.h"
#include "pinfeed/image/rects.h"

namespace pinfeed::image {
namespace {

// Filters that weigh more than two neighbours.
bool needs_whole_image(const Resized& step) {
  const bool two_neighbours =
      step.interpolation == Interpolation::nearest || step.interpolation == Interpolation::bilinear;
  return step.pixels_of != Library::opencv || !two_neighbours;
}

void remove_empty_fills(Pass& pass) {
  const auto first = pass.fills.begin();
  const auto end = std::remove_if(first, first + pass.fill_count,
                                  [](const Fill& fill) { return is_empty(fill.rect); });
  pass.fill_count = static_cast<int>(end - first);
}

}  // namespace

// A resize reads every pixel of its window and nothing else, so it comes first in a pass, before
// padding and arithmetic. A decoder gives rows from top to bottom; an image that is flipped
// vertically before the resize must be decoded as a whole.
bool fuse_step(Pass& pass, const Resized& step, Size size) {
  if (needs_whole_image(step)) return false;
  const bool first = pass.fill_count == 0 && !pass.to_float && !pass.resize && !is_empty(pass.crop);
  if (!first || (pass.encoded != nullptr && pass.flipped_vertically)) return false;
  pass.window = pass.crop;
  pass.window_flipped_horizontally = std::exchange(pass.flipped_horizontally, false);
  pass.window_flipped_vertically = std::exchange(pass.flipped_vertically, false);
  pass.resize = step.interpolation;
  pass.resized = pass.canvas = size;
  pass.crop = whole(size);
  return true;
}

// The pass' crop is measured before its flip, the step's window after it.
bool fuse_step(Pass& pass, const Cropped& step, Size) {
  const Rect window = step.window;
  const Rect content = {pass.x, pass.y, pass.crop.width, pass.crop.height};
  const Rect visible = common(content, window);
  const int skipped_columns = pass.flipped_horizontally
                                  ? content.x + content.width - visible.x - visible.width
                                  : visible.x - content.x;
  const int skipped_rows = pass.flipped_vertically
                               ? content.y + content.height - visible.y - visible.height
                               : visible.y - content.y;
  pass.crop = is_empty(visible) ? Rect{}
                                : Rect{pass.crop.x + skipped_columns, pass.crop.y + skipped_rows,
                                       visible.width, visible.height};
  pass.x = visible.x - window.x;
  pass.y = visible.y - window.y;
  for (int i = 0; i < pass.fill_count; ++i) {
    Rect& rect = pass.fills[static_cast<std::size_t>(i)].rect;
    rect = moved(common(rect, window), -window.x, -window.y);
  }
  remove_empty_fills(pass);
  pass.canvas = {window.width, window.height};
  return true;
}

bool fuse_step(Pass& pass, const Flipped& step, Size) {
  const bool horizontal = step.direction != FlipDirection::vertical;
  const bool vertical = step.direction != FlipDirection::horizontal;
  const auto flip_rect = [&](int& x, int& y, int width, int height) {
    if (horizontal) x = pass.canvas.width - x - width;
    if (vertical) y = pass.canvas.height - y - height;
  };
  pass.flipped_horizontally ^= horizontal;
  pass.flipped_vertically ^= vertical;
  flip_rect(pass.x, pass.y, pass.crop.width, pass.crop.height);
  for (int i = 0; i < pass.fill_count; ++i) {
    Rect& rect = pass.fills[static_cast<std::size_t>(i)].rect;
    flip_rect(rect.x, rect.y, rect.width, rect.height);
  }
  return true;
}

bool fuse_step(Pass& pass, const Placed& step, Size size) {
  const Rect content = {step.x, step.y, pass.canvas.width, pass.canvas.height};
  const int right = content.x + content.width;
  const int bottom = content.y + content.height;
  const std::array around = {Rect{right, content.y, size.width - right, content.height},
                             Rect{0, bottom, size.width, size.height - bottom},
                             Rect{0, content.y, content.x, content.height},
                             Rect{0, 0, size.width, content.y}};
  if (pass.fill_count + std::ssize(around) > Pass::max_fills) return false;
  Fill fill;
  for (std::size_t c = 0; c < step.fill.size(); ++c) {
    fill.value[c] = stored_fill(step.fill[c], pass.result_dtype());
  }
  for (int i = 0; i < pass.fill_count; ++i) {
    Rect& rect = pass.fills[static_cast<std::size_t>(i)].rect;
    rect = moved(rect, step.x, step.y);
  }
  for (const Rect& rect : around) {
    fill.rect = rect;
    if (!is_empty(rect)) pass.fills[static_cast<std::size_t>(pass.fill_count++)] = fill;
  }
  pass.x += step.x;
  pass.y += step.y;
  pass.canvas = size;
  return true;
}

}  // namespace pinfeed::image
