// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/expression/expr_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "pinfeed/core/error.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed::image {
namespace {

std::int64_t area_of(Size size) { return std::int64_t{size.width} * size.height; }

std::int64_t right_of(Rect rect) { return std::int64_t{rect.x} + rect.width; }
std::int64_t bottom_of(Rect rect) { return std::int64_t{rect.y} + rect.height; }

}  // namespace

bool has_pixels(Size size) { return size.width >= 1 && size.height >= 1; }

bool is_within(Rect rect, Size size) {
  return rect.x >= 0 && rect.y >= 0 && right_of(rect) <= size.width &&
         bottom_of(rect) <= size.height;
}

Rect common_part(Rect window, Size size) {
  const int left = std::max(window.x, 0);
  const int top = std::max(window.y, 0);
  const std::int64_t right = std::min<std::int64_t>(right_of(window), size.width);
  const std::int64_t bottom = std::min<std::int64_t>(bottom_of(window), size.height);
  if (right <= left || bottom <= top) return {};
  return {left, top, static_cast<int>(right - left), static_cast<int>(bottom - top)};
}

void expect(bool holds, std::string_view function, std::string_view rule, std::optional<Rect> rect,
            std::optional<Size> size) {
  if (holds) return;
  std::string text = fmt::format("image::{}(): {}", function, rule);
  if (rect && size) {
    text += fmt::format(", not {}x{} at ({}, {}) in {}", rect->width, rect->height, rect->x,
                        rect->y, to_string(*size));
  }
  throw Error(ErrorKind::bug, text);
}

void check_growth(Size before, Size after) {
  if (!has_pixels(after)) {
    throw Error(ErrorKind::data, fmt::format("an image of {} would become {}: no pixel is left",
                                             to_string(before), to_string(after)));
  }
  if (area_of(after) <= std::max(max_step_pixels, area_of(before))) return;
  throw Error(ErrorKind::data,
              fmt::format("an image of {} would become {}; it may have {} pixels at most",
                          to_string(before), to_string(after), max_step_pixels));
}

}  // namespace pinfeed::image
