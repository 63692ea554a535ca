// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/fuse.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "pinfeed/image/color/tone.h"
#include "pinfeed/image/rects.h"

namespace pinfeed::image {
namespace {

void reset_to_whole(Pass& pass, Size size) {
  pass.resized = pass.canvas = size;
  pass.kept = {0, 0, size.width, size.height};
}

// Filters that weigh more than two neighbours.
bool needs_whole_image(const Resized& step) {
  const bool fuses =
      step.interpolation == Interpolation::nearest || step.interpolation == Interpolation::bilinear;
  return step.pixels_of != Library::opencv || !fuses;
}

// Each try_add answers whether the step is part of the pass now.

// Resizing sees every source pixel of its window and nothing else: it comes first in a pass,
// before padding and arithmetic. A decoder goes from top to bottom, so an image that stands on its
// head must be there as a whole.
bool try_add(Pass& pass, const Resized& step, Size size) {
  if (needs_whole_image(step)) return false;
  const bool untouched =
      pass.fill_count == 0 && !pass.to_float && !pass.resize && !is_empty(pass.kept);
  if (!untouched || (pass.encoded != nullptr && pass.upturned)) return false;
  pass.window = pass.kept;
  pass.window_mirrored = std::exchange(pass.mirrored, false);
  pass.window_upturned = std::exchange(pass.upturned, false);
  pass.resize = step.interpolation;
  reset_to_whole(pass, size);
  return true;
}

bool try_add(Pass& pass, const Cropped& step, Size) {
  const Rect window = step.window;
  const Rect placed = {pass.x, pass.y, pass.kept.width, pass.kept.height};
  const Rect left = common(placed, window);
  const int cut_left =
      pass.mirrored ? placed.x + placed.width - left.x - left.width : left.x - placed.x;
  const int cut_top =
      pass.upturned ? placed.y + placed.height - left.y - left.height : left.y - placed.y;
  pass.kept = is_empty(left)
                  ? Rect{}
                  : Rect{pass.kept.x + cut_left, pass.kept.y + cut_top, left.width, left.height};
  pass.x = left.x - window.x;
  pass.y = left.y - window.y;
  for (int i = 0; i < pass.fill_count; ++i) {
    Rect& rect = pass.fills[static_cast<std::size_t>(i)].rect;
    rect = moved(common(rect, window), -window.x, -window.y);
  }
  const auto first = pass.fills.begin();
  const auto end = std::remove_if(first, first + pass.fill_count,
                                  [](const Fill& fill) { return is_empty(fill.rect); });
  pass.fill_count = static_cast<int>(end - first);
  pass.canvas = {window.width, window.height};
  return true;
}

bool try_add(Pass& pass, const Flipped& step, Size) {
  const bool sideways = step.direction != FlipDirection::vertical;
  const bool over = step.direction != FlipDirection::horizontal;
  const auto turn = [&](int& x, int& y, int width, int height) {
    if (sideways) x = pass.canvas.width - x - width;
    if (over) y = pass.canvas.height - y - height;
  };
  pass.mirrored ^= sideways;
  pass.upturned ^= over;
  turn(pass.x, pass.y, pass.kept.width, pass.kept.height);
  for (int i = 0; i < pass.fill_count; ++i) {
    Rect& rect = pass.fills[static_cast<std::size_t>(i)].rect;
    turn(rect.x, rect.y, rect.width, rect.height);
  }
  return true;
}

bool try_add(Pass& pass, const Placed& step, Size size) {
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

bool try_add(Pass& pass, const Erased& step, Size) {
  if (pass.fill_count == Pass::max_fills) return false;
  const Rect rect = common(step.window, {0, 0, pass.canvas.width, pass.canvas.height});
  if (is_empty(rect)) return true;
  Fill& fill = pass.fills[static_cast<std::size_t>(pass.fill_count++)];
  fill.rect = rect;
  fill.value = {};
  for (std::size_t c = 0; c < step.fill.size(); ++c) {
    fill.value[c] = stored_fill(step.fill[c], pass.result_dtype());
  }
  return true;
}

bool try_add(Pass& pass, const Normalization& step, Size) {
  if (pass.normalization) return false;
  pass.to_float = true;
  pass.normalization = step;
  for (int i = 0; i < pass.fill_count; ++i) {
    std::array<float, 4>& value = pass.fills[static_cast<std::size_t>(i)].value;
    value = normalized_value(value, step, pass.pixels.channels);
  }
  return true;
}

bool try_add(Pass& pass, const AsFloat&, Size) {
  pass.to_float = true;
  return true;
}

// Sources, and what looks at whole images.
template <class Other>
bool try_add(Pass&, const Other&, Size) {
  return false;
}

}  // namespace

float stored_fill(double value, DType dtype) {
  if (dtype == DType::float32) return static_cast<float>(value);
  return static_cast<float>(std::clamp(std::nearbyint(value), 0.0, 255.0));
}

Pass pass_over(const ImageView& pixels) {
  Pass pass;
  pass.pixels = pixels;
  pass.window = {0, 0, pixels.width, pixels.height};
  reset_to_whole(pass, pixels.size());
  return pass;
}

std::optional<ImageView> plain_part(const Pass& pass) {
  const bool touched = pass.encoded != nullptr || pass.resize || pass.to_float ||
                       pass.fill_count > 0 || pass.mirrored || pass.upturned ||
                       pass.window_mirrored || pass.window_upturned;
  if (touched || is_empty(pass.kept) || pass.canvas != Size{pass.kept.width, pass.kept.height}) {
    return std::nullopt;
  }
  return part_of(pass.pixels, moved(pass.kept, pass.window.x, pass.window.y));
}

void keep(Pass& pass, Rect window) { try_add(pass, Cropped{window}, {}); }

bool fuses(Pass& pass, const Node& node) {
  return std::visit([&](const auto& step) { return try_add(pass, step, node.size); }, node.step);
}

}  // namespace pinfeed::image
