// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "pinfeed/plot/plot.h"

namespace pinfeed {

/// The look of a curve: one of eight colours that people with colour blindness can tell apart, and
/// from the ninth curve on a pattern of dashes.
struct Stroke {
  const char* color = "";
  const char* dashes = "";  // SVG's stroke-dasharray; empty: a solid line
};
Stroke stroke_of_curve(std::size_t number);
/// The attributes `stroke` and, if there are dashes, `stroke-dasharray`.
std::string stroke_attributes(const Stroke& stroke);

/// An upper estimate of the width of a UTF-8 text in a sans-serif font, in the unit of `font_size`.
double text_width(const std::string& text, double font_size);
/// The text, or an ellipsis and its end if it is wider than `width`.
std::string shortened(const std::string& text, double font_size, double width);

/// The names of the curves in lines between two x coordinates; empty for fewer than two curves.
class Legend {
 public:
  static constexpr double line_height = 18;  // pixels

  Legend(const std::vector<Series>& series, double left, double right);

  /// The height of all lines, pixels.
  double height() const { return line_height * static_cast<double>(lines_); }
  /// The legend as SVG; `y` is the base line of its first line.
  std::string svg(double y) const;

 private:
  struct Entry {
    double x = 0.0;
    std::size_t line = 0;
    std::string name = {};
  };

  std::vector<Entry> entries_ = {};
  std::size_t lines_ = 0;
};

}  // namespace pinfeed
