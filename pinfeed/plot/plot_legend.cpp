// SPDX-License-Identifier: Apache-2.0
// Source of the colours: Okabe and Ito, "Color Universal Design", https://jfly.uni-koeln.de/color/,
// without yellow, which is hard to see on white; in its place "wine" of Paul Tol's muted scheme.
#include "pinfeed/plot/plot_legend.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "pinfeed/core/utf8.h"
#include "pinfeed/plot/xml_text.h"

namespace pinfeed {
namespace {

constexpr double legend_font = 13;    // pixels
constexpr double sample_width = 26;   // of the piece of the curve before its name
constexpr double sample_margin = 32;  // from the piece's start to the name
constexpr double entry_gap = 18;      // between two entries

constexpr std::array curve_colors = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                     "#e69f00", "#56b4e9", "#000000", "#882255"};
constexpr std::array dash_patterns = {"", "7 4", "2 3", "10 3 2 3"};

// The width of a character as a fraction of the font size, rounded up for common fonts.
double relative_width(char c) {
  constexpr std::string_view narrow = "ijl.,:;|!'()[]ft /";
  constexpr std::string_view wide = "mwMW@%";
  if (is_continuation(c)) return 0.0;
  if (static_cast<unsigned char>(c) >= 0x80 || wide.find(c) != std::string_view::npos) return 1.0;
  if (narrow.find(c) != std::string_view::npos) return 0.42;
  return c >= 'A' && c <= 'Z' ? 0.8 : 0.65;
}

}  // namespace

Stroke stroke_of_curve(std::size_t number) {
  const std::size_t pattern = number / curve_colors.size() % dash_patterns.size();
  return {curve_colors[number % curve_colors.size()], dash_patterns[pattern]};
}

std::string stroke_attributes(const Stroke& stroke) {
  const std::string color = fmt::format("stroke=\"{}\"", stroke.color);
  if (std::string_view(stroke.dashes).empty()) return color;
  return color + fmt::format(" stroke-dasharray=\"{}\"", stroke.dashes);
}

double text_width(const std::string& text, double font_size) {
  double width = 0.0;
  for (const char c : text) width += relative_width(c);
  return width * font_size;
}

std::string shortened(const std::string& text, double font_size, double width) {
  if (text_width(text, font_size) <= width) return text;
  std::size_t start = text.size();
  for (double used = font_size; start > 0; --start) {  // the ellipsis takes one font size
    used += relative_width(text[start - 1]) * font_size;
    if (used > width) break;
  }
  while (start < text.size() && is_continuation(text[start])) ++start;
  return "…" + text.substr(start);
}

Legend::Legend(const std::vector<Series>& series, double left, double right) {
  if (series.size() < 2) return;
  double x = left;
  lines_ = 1;
  for (const Series& curve : series) {
    const std::string name = shortened(curve.name, legend_font, right - left - sample_margin);
    const double width = sample_margin + text_width(name, legend_font);
    if (x > left && x + width > right) {
      x = left;
      ++lines_;
    }
    entries_.push_back({x, lines_ - 1, name});
    x += width + entry_gap;
  }
}

std::string Legend::svg(double y) const {
  std::string out;
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const double base = y + line_height * static_cast<double>(entry.line);
    out += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{2:.1f}\" y2=\"{1:.1f}\" {3} stroke-width=\"3\"/>"
        "<text x=\"{4:.1f}\" y=\"{5:.1f}\" text-anchor=\"start\">{6}</text>\n",
        entry.x, base - 4.5, entry.x + sample_width, stroke_attributes(stroke_of_curve(i)),
        entry.x + sample_margin, base, xml_text(entry.name));
  }
  return out;
}

}  // namespace pinfeed
