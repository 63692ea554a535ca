// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/image/draw/draw.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "pinfeed/core/utf8.h"
#include "pinfeed/image/draw/typeface.h"

namespace pinfeed::image {
namespace {

// The first pixel whose centre is at or right of `x`.
int pixel_from(double x, int width) {
  return static_cast<int>(std::clamp(std::ceil(x - 0.5), 0.0, static_cast<double>(width)));
}

// The x coordinates, ascending, at which the horizontal line at `y` crosses the polygon's edges. An
// edge includes its upper end only, so that a corner between two edges counts once.
void find_crossings(std::span<const Point> polygon, double y, std::vector<double>& found) {
  found.clear();
  for (std::size_t i = 0; i < polygon.size(); ++i) {
    const Point a = polygon[i];
    const Point b = polygon[(i + 1) % polygon.size()];
    if ((a.y <= y) == (b.y <= y)) continue;
    found.push_back(a.x + (y - a.y) / (b.y - a.y) * (b.x - a.x));
  }
  std::sort(found.begin(), found.end());
}

constexpr std::array palette = {
    Color{60, 60, 230},   Color{75, 180, 60},  Color{220, 130, 30},  Color{40, 190, 250},
    Color{190, 60, 160},  Color{210, 200, 50}, Color{50, 120, 245},  Color{150, 90, 240},
    Color{120, 210, 150}, Color{130, 80, 80},  Color{200, 160, 230}, Color{30, 110, 130},
};

}  // namespace

std::vector<Run> runs_inside(std::span<const Point> polygon, Size size) {
  std::vector<Run> runs;
  if (polygon.empty()) return runs;
  const auto higher = [](Point a, Point b) { return a.y < b.y; };
  const auto [top, bottom] = std::minmax_element(polygon.begin(), polygon.end(), higher);
  const int end = pixel_from(bottom->y, size.height);
  std::vector<double> found;
  for (int y = pixel_from(top->y, size.height); y < end; ++y) {
    find_crossings(polygon, y + 0.5, found);
    for (std::size_t i = 0; i + 1 < found.size(); i += 2) {
      const Run run{y, pixel_from(found[i], size.width), pixel_from(found[i + 1], size.width)};
      if (run.first_x < run.end_x) runs.push_back(run);
    }
  }
  return runs;
}

void fill_rect(const ImageView& image, Rect rect, Color color) {
  const int first_x = std::max(0, rect.x);
  const int end_x = std::min(image.width, rect.x + rect.width);
  const int end_y = std::min(image.height, rect.y + rect.height);
  for (int y = std::max(0, rect.y); y < end_y; ++y) {
    auto* pixel = reinterpret_cast<std::uint8_t*>(image.row(y)) + first_x * 3;
    for (int x = first_x; x < end_x; ++x, pixel += 3) {
      pixel[0] = color.blue;
      pixel[1] = color.green;
      pixel[2] = color.red;
    }
  }
}

void fill_runs(const ImageView& image, std::span<const Run> runs, Color color) {
  for (const Run& run : runs)
    fill_rect(image, {run.first_x, run.y, run.end_x - run.first_x, 1}, color);
}

void draw_rect(const ImageView& image, Rect rect, Color color, int thickness) {
  const int t = std::min({thickness, rect.width, rect.height});
  fill_rect(image, {rect.x, rect.y, rect.width, t}, color);
  fill_rect(image, {rect.x, rect.y + rect.height - t, rect.width, t}, color);
  fill_rect(image, {rect.x, rect.y, t, rect.height}, color);
  fill_rect(image, {rect.x + rect.width - t, rect.y, t, rect.height}, color);
}

void draw_text(const ImageView& image, int x, int y, std::string_view text, Color color,
               int scale) {
  for (const char c : text) {
    if (is_continuation(c)) continue;
    const Glyph& glyph = glyph_of(c);
    for (std::size_t column = 0; column < glyph.size(); ++column) {
      for (int row = 0; row < glyph_height; ++row) {
        if (((glyph[column] >> row) & 1) == 0) continue;
        fill_rect(image, {x + static_cast<int>(column) * scale, y + row * scale, scale, scale},
                  color);
      }
    }
    x += (glyph_width + 1) * scale;
  }
}

Size text_size(std::string_view text, int scale) {
  const auto characters =
      std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); });
  if (characters == 0) return {0, glyph_height * scale};
  return {(static_cast<int>(characters) * (glyph_width + 1) - 1) * scale, glyph_height * scale};
}

std::string shortened_text(std::string_view text, int width, int scale) {
  if (text_size(text, scale).width <= width) return std::string(text);
  std::string_view end = text;
  while (!end.empty() && text_size(end, scale).width + text_size("... ", scale).width > width) {
    end.remove_prefix(1);
    while (!end.empty() && is_continuation(end.front())) end.remove_prefix(1);
  }
  return "..." + std::string(end);
}

Color text_color_on(Color background) {
  const int brightness =
      299 * background.red + 587 * background.green + 114 * background.blue;  // of BT.601, x 1000
  return brightness > 150'000 ? Color{0, 0, 0} : Color{255, 255, 255};
}

Color class_color(std::size_t number) { return palette[number % palette.size()]; }

}  // namespace pinfeed::image
