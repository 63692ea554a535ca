// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/plot/plot_bars.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pinfeed/plot/plot.h"
#include "pinfeed/plot/xml_text.h"

namespace pinfeed {
namespace {

constexpr double names = 430.0;   // the names' bar_width
constexpr double length = 420.0;  // of the longest bar
constexpr double bar_row = 28.0;
constexpr double top = 48.0;
constexpr double bar_width = names + length + 200.0;

double longest(const BarChart& chart) {
  double most = 0.0;
  for (const Bar& bar : chart.bars) {
    if (std::isfinite(bar.value)) most = std::max(most, bar.value);
  }
  return most > 0.0 ? most : 1.0;
}

std::string bar_svg(const Bar& bar, double y, double scale) {
  const double size = std::isfinite(bar.value) ? std::max(bar.value * scale, 0.0) : 0.0;
  return fmt::format(
      "<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"end\">{}</text>"
      "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"2\" "
      "fill=\"#2563eb\"/>"
      "<text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"#475569\">{}</text>\n",
      names - 10, y + bar_row * 0.6, xml_text(bar.name), names, y + bar_row * 0.15, size,
      bar_row * 0.6, names + size + 8, y + bar_row * 0.6, xml_text(bar.text));
}

std::string ticks_svg(double most, double scale, double bottom) {
  std::string out;
  for (const double round : round_ticks(0.0, most, 6)) {
    const double tick = round + 0.0;  // no minus before zero
    const double x = names + tick * scale;
    out += fmt::format(
        "<line x1=\"{0:.1f}\" y1=\"{1:.1f}\" x2=\"{0:.1f}\" y2=\"{2:.1f}\" stroke=\"#e2e8f0\"/>"
        "<text x=\"{0:.1f}\" y=\"{3:.1f}\" text-anchor=\"middle\" fill=\"#475569\">{4:g}</text>\n",
        x, top - 6, bottom, bottom + 16, tick);
  }
  return out;
}

}  // namespace

std::string bars_svg(const BarChart& chart) {
  const double most = longest(chart);
  const double scale = length / most;
  const double bottom = top + bar_row * static_cast<double>(chart.bars.size());
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n"
      "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n"
      "<text x=\"16\" y=\"26\" font-size=\"16\" font-weight=\"600\">{2}</text>\n",
      bar_width, bottom + 48, xml_text(chart.title));
  out += ticks_svg(most, scale, bottom);
  double y = top;
  for (const Bar& bar : chart.bars) {
    out += bar_svg(bar, y, scale);
    y += bar_row;
  }
  return out +
         fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"middle\">{}</text>\n</svg>\n",
                     names + length / 2, bottom + 36, xml_text(chart.x_title));
}

}  // namespace pinfeed
