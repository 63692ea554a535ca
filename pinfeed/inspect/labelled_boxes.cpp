// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/inspect/labelled_boxes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "pinfeed/image/rects.h"

namespace pinfeed {
namespace {

constexpr int label_margin = 1;           // around the text, in pixels of the font
constexpr std::int64_t label_weight = 4;  // covering a label is worse than covering an object

int pixel_of(double value) {
  constexpr double reach = 1e6;
  if (std::isnan(value)) return 0;
  return static_cast<int>(std::lround(std::clamp(value, -reach, reach)));
}

std::int64_t shared_area(Rect a, Rect b) {
  const Rect both = image::common(a, b);
  return std::int64_t{both.width} * both.height;
}

// Places for a label of this size, the preferred ones first; the last is inside of the box.
std::array<Rect, 9> places_for(Size label, Rect box) {
  const int right = box.x + box.width;
  const int bottom = box.y + box.height;
  const auto at = [label](int x, int y) { return Rect{x, y, label.width, label.height}; };
  return {at(box.x, box.y - label.height),
          at(right - label.width, box.y - label.height),
          at(box.x, bottom),
          at(right - label.width, bottom),
          at(right, box.y),
          at(right, bottom - label.height),
          at(box.x - label.width, box.y),
          at(box.x - label.width, bottom - label.height),
          at(box.x, box.y)};
}

// Moves a rectangle into the canvas, as far as it fits.
Rect moved_inside(Rect rect, Size canvas) {
  rect.x = std::max(0, std::min(rect.x, canvas.width - rect.width));
  rect.y = std::max(0, std::min(rect.y, canvas.height - rect.height));
  return rect;
}

// The place that covers least.
Rect best_place(Size label, Rect box, Size canvas, std::span<const LabelledBox> boxes,
                std::span<const Rect> labels) {
  Rect best = {};
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const Rect wanted : places_for(label, box)) {
    const Rect place = moved_inside(wanted, canvas);
    std::int64_t covered = 0;
    for (const LabelledBox& other : boxes) covered += shared_area(place, other.rect);
    for (const Rect& other : labels) covered += label_weight * shared_area(place, other);
    if (covered < least) best = place;
    least = std::min(least, covered);
  }
  return best;
}

}  // namespace

Rect rect_between(double x1, double y1, double x2, double y2) {
  const int x = pixel_of(x1);
  const int y = pixel_of(y1);
  return {x, y, pixel_of(x2) - x, pixel_of(y2) - y};
}

int label_height(int text_scale) {
  return image::text_size("", text_scale).height + 2 * label_margin * text_scale;
}

void draw_labelled_boxes(const image::ImageView& canvas, std::span<const LabelledBox> boxes,
                         int text_scale) {
  for (const LabelledBox& box : boxes)
    image::draw_rect(canvas, box.rect, box.color, 1 + text_scale);
  std::vector<Rect> labels;
  const int margin = label_margin * text_scale;
  for (const LabelledBox& box : boxes) {
    if (box.label.empty()) continue;
    if (image::is_empty(image::common(box.rect, image::whole(canvas.size())))) continue;
    const std::string text =
        image::shortened_text(box.label, canvas.width - 2 * margin, text_scale);
    const Size size = {image::text_size(text, text_scale).width + 2 * margin,
                       label_height(text_scale)};
    const Rect place = best_place(size, box.rect, canvas.size(), boxes, labels);
    image::fill_rect(canvas, place, box.color);
    image::draw_text(canvas, place.x + margin, place.y + margin, text,
                     image::text_color_on(box.color), text_scale);
    labels.push_back(place);
  }
}

}  // namespace pinfeed
