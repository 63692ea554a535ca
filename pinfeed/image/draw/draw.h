// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

// Everything here draws on BGR uint8 views and leaves out what lies outside.

struct Color {
  std::uint8_t blue = 0;
  std::uint8_t green = 0;
  std::uint8_t red = 0;
  bool operator==(const Color&) const = default;
};

/// In pixels; (0, 0) is the corner of the first pixel, (0.5, 0.5) its centre.
struct Point {
  double x = 0.0;
  double y = 0.0;
};

/// Pixels first_x .. end_x - 1 of row y.
struct Run {
  int y = 0;
  int first_x = 0;
  int end_x = 0;
};

/// The pixels of an image of `size` whose centres lie inside the closed polygon (even-odd rule),
/// from the top row down.
std::vector<Run> runs_inside(std::span<const Point> polygon, Size size);

void fill_runs(const ImageView& image, std::span<const Run> runs, Color color);
void fill_rect(const ImageView& image, Rect rect, Color color);
void fill_polygon(const ImageView& image, std::span<const Point> polygon, Color color);
void fill_circle(const ImageView& image, Point centre, double radius, Color color);
/// Of the given thickness, its ends cut square.
void draw_line(const ImageView& image, Point from, Point to, Color color, double thickness = 1.0);
/// A frame inside the rectangle.
void draw_rect(const ImageView& image, Rect rect, Color color, int thickness = 1);

/// Printable ASCII in a face of 5 x 7 pixels, each drawn `scale` pixels wide; other characters are
/// shown as boxes. (x, y) is the upper left pixel.
void draw_text(const ImageView& image, int x, int y, std::string_view text, Color color,
               int scale = 1);
/// What draw_text covers.
Size text_size(std::string_view text, int scale = 1);

/// Colours that are easy to tell apart, for class `number`.
Color class_color(std::size_t number);

}  // namespace pinfeed::image
