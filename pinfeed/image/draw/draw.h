// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

// Functions that draw on BGR uint8 views. Pixels outside the view are left out.

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
/// Draws a frame inside the rectangle, `thickness` pixels wide.
void draw_rect(const ImageView& image, Rect rect, Color color, int thickness = 1);

/// Draws printable ASCII in a font of 5 x 9 pixels, the lower two for descenders, enlarged by
/// `scale`; every other character of UTF-8 becomes a box. (x, y) is the upper left pixel.
void draw_text(const ImageView& image, int x, int y, std::string_view text, Color color,
               int scale = 1);
/// The size of the text that draw_text() draws.
Size text_size(std::string_view text, int scale = 1);
/// The text, or three dots and its end if it is wider than `width` pixels.
std::string shortened_text(std::string_view text, int width, int scale = 1);

/// Black or white, whichever is easier to read on `background`.
Color text_color_on(Color background);

/// A colour for class `number`, easy to tell from the others. Repeats after 12 classes.
Color class_color(std::size_t number);

}  // namespace pinfeed::image
