// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "pinfeed/plot/plot_axis.h"
#include "pinfeed/plot/xml_text.h"

namespace pinfeed {
namespace {

constexpr double width = 960;
constexpr double height = 420;
constexpr double left = 84;
constexpr double right = 32;
constexpr double bottom = 60;
constexpr double row = 18;  // of a line of small text
constexpr std::array curve_colors = {"#1f5fa8", "#c4511c", "#2c7d4f", "#8a3f8f", "#8c6d1f"};
constexpr std::array band_colors = {"#e8a33d", "#4a90c2", "#6aa84f", "#b07aa1", "#999999"};

template <class Colors>
const char* color(const Colors& colors, std::size_t i) {
  return colors[i % colors.size()];
}

// The approximate width of a name in small text.
double name_width(const Band& band) { return 7.0 * static_cast<double>(band.name.size()) + 6; }

// The drawing area of a panel, and its axes.
struct Frame {
  double top = 0;
  double bottom = 0;
  Axis x = {};
  Axis y = {};

  double across(double value) const {
    const Extent& e = x.extent;
    return left + (value - e.low) / (e.high - e.low) * (width - left - right);
  }
  double up(double value) const {
    const Extent& e = y.extent;
    return bottom - (value - e.low) / (e.high - e.low) * (bottom - top);
  }
};

// The x position of the name of a band: the start of the band, or to the left of it if the name
// would cross the right edge.
double start_of_name(const Band& band, const Frame& frame) {
  return std::max(left, std::min(frame.across(band.from) + 2, width - name_width(band)));
}

// The row of each band's name: the first row that is free at its start.
std::vector<std::size_t> rows_of(const std::vector<Band>& bands, const Frame& frame) {
  std::vector<std::size_t> rows;
  std::vector<double> ends;
  for (const Band& band : bands) {
    const double start = start_of_name(band, frame);
    std::size_t free = 0;
    while (free < ends.size() && ends[free] > std::min(start, frame.across(band.from))) ++free;
    if (free == ends.size()) ends.push_back(0);
    ends[free] = std::max(start + name_width(band), frame.across(band.to));
    rows.push_back(free);
  }
  return rows;
}

double head(const Plot& plot) {
  double pixels = plot.title.empty() ? 16 : 44;
  if (plot.top) pixels += 40;
  if (plot.series.size() > 1) pixels += row + 4;
  return pixels;
}

std::string text(double x, double y, const std::string& anchor, const std::string& content,
                 const std::string& more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\"{}>{}</text>\n", x, y,
                     anchor, more, content);
}

std::string line(double x1, double y1, double x2, double y2, const std::string& stroke) {
  return fmt::format(
      "<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" stroke=\"{}\"/>\n", x1, y1, x2,
      y2, stroke);
}

std::string with_exponent(const std::string& title, const Axis& axis) {
  if (axis.exponent == 0) return xml_text(title);
  return xml_text(title) + fmt::format(
                               " (&#215; 10<tspan dy=\"-5\" font-size=\"10\">{}</tspan>"
                               "<tspan dy=\"5\">)</tspan>",
                               axis.exponent);
}

std::string bands_svg(const Plot& plot, const Frame& frame) {
  std::string out;
  const std::vector<std::size_t> rows = rows_of(plot.bands, frame);
  for (std::size_t i = 0; i < plot.bands.size(); ++i) {
    const double from = frame.across(plot.bands[i].from);
    const double to = frame.across(plot.bands[i].to);
    const char* fill = color(band_colors, i);
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" "
        "fill-opacity=\"0.13\"/>\n",
        from, frame.top, to - from, frame.bottom - frame.top, fill);
    const double y = frame.top - 6 - row * static_cast<double>(rows[i]);
    out += line(from, y + 4, to, y + 4, fill);
    out += text(start_of_name(plot.bands[i], frame), y, "start", xml_text(plot.bands[i].name),
                " font-size=\"12\"");
  }
  return out;
}

std::string axes_svg(const Plot& plot, const Frame& frame) {
  std::string out;
  for (const double tick : frame.y.ticks) {
    const double y = frame.up(tick);
    out += line(left, y, width - right, y, "#e3e3e3");
    out += text(left - 8, y + 4, "end", frame.y.label(tick));
  }
  for (const double tick : frame.x.ticks) {
    const double x = frame.across(tick);
    out += line(x, frame.bottom, x, frame.bottom + 5, "#555");
    out += text(x, frame.bottom + 20, "middle", frame.x.label(tick));
  }
  const double middle = (left + width - right) / 2;
  const double half = (frame.top + frame.bottom) / 2;
  out += text(middle, frame.bottom + 44, "middle", with_exponent(plot.x_title, frame.x));
  out += text(22, half, "middle", with_exponent(plot.y_title, frame.y),
              fmt::format(" transform=\"rotate(-90 22 {:.1f})\"", half));
  return out + line(left, frame.bottom, width - right, frame.bottom, "#555") +
         line(left, frame.top, left, frame.bottom, "#555");
}

std::string top_axis_svg(const Plot& plot, const Frame& frame, double y) {
  if (!plot.top) return "";
  const double factor = plot.top->factor;
  const Extent& x = frame.x.extent;
  const Axis axis = axis_of({x.low * factor, x.high * factor, false}, 8);
  std::string out = line(left, y, width - right, y, "#555");
  for (const double tick : axis.ticks) {
    out += line(frame.across(tick / factor), y, frame.across(tick / factor), y - 5, "#555");
    out += text(frame.across(tick / factor), y - 9, "middle", axis.label(tick));
  }
  return out + text(left - 8, y - 9, "end", with_exponent(plot.top->title, axis));
}

std::string curve_svg(const Series& series, const Frame& frame, const char* stroke) {
  const Series thin = thinned(series, frame.x.extent, static_cast<int>(width - left - right));
  std::string path;
  bool pen_down = false;
  for (std::size_t i = 0; i < thin.x.size(); ++i) {
    const bool finite = std::isfinite(thin.y[i]) && std::isfinite(thin.x[i]);
    if (finite) {
      path += fmt::format("{}{:.1f} {:.1f}", pen_down ? "L" : "M", frame.across(thin.x[i]),
                          frame.up(thin.y[i]));
    }
    pen_down = finite;
  }
  return fmt::format(
      "<path d=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"1.8\" stroke-linejoin=\"round\" "
      "stroke-linecap=\"round\"/>\n",
      path, stroke);
}

// The last point that is not beyond x.
std::optional<std::size_t> point_at(const Series& series, double x) {
  const auto behind = std::upper_bound(series.x.begin(), series.x.end(), x);
  if (behind == series.x.begin()) return std::nullopt;
  return static_cast<std::size_t>(behind - series.x.begin()) - 1;
}

std::string legend_svg(const Plot& plot, double y) {
  std::string out;
  double x = left;
  for (std::size_t i = 0; plot.series.size() > 1 && i < plot.series.size(); ++i) {
    out += fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"14\" height=\"4\" fill=\"{}\"/>\n",
                       x, y - 6, color(curve_colors, i));
    out += text(x + 20, y, "start", xml_text(plot.series[i].name));
    x += 44 + 7.5 * static_cast<double>(plot.series[i].name.size());
  }
  return out;
}

// The tooltip at x: the point of the first curve, the values of all curves, and the bands.
std::string hover_title(const Plot& plot, double x) {
  const std::optional<std::size_t> first = point_at(plot.series.front(), x);
  if (first) x = plot.series.front().x[*first];
  std::string title = fmt::format("{} {:.6g}", plot.x_title, x);
  if (plot.top) title += fmt::format(", {} {:.4g}", plot.top->title, x * plot.top->factor);
  for (const Series& series : plot.series) {
    const std::optional<std::size_t> point = point_at(series, x);
    if (point) title += fmt::format("\n{} {:.6g}", series.name, series.y[*point]);
  }
  for (const Band& band : plot.bands) {
    if (x < band.from || x >= band.to) continue;
    title += fmt::format("\n{} ({:.6g} to {:.6g})", band.name, band.from, band.to);
  }
  return xml_text(title);
}

// Invisible strips, each with a title that a browser displays as a tooltip.
std::string hover_svg(const Plot& plot, const Frame& frame) {
  constexpr int strips = 110;
  if (plot.series.empty()) return "";
  const double step = (width - left - right) / strips;
  const Extent& x = frame.x.extent;
  std::string out = "<g fill=\"#fff\" fill-opacity=\"0\">\n";
  for (int i = 0; i < strips; ++i) {
    const double middle = x.low + (x.high - x.low) * (i + 0.5) / strips;
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\"><title>{}</title>"
        "</rect>\n",
        left + step * i, frame.top, step, frame.bottom - frame.top, hover_title(plot, middle));
  }
  return out + "</g>\n";
}

// Adds a margin: a curve that touches the frame is hard to read.
Extent with_headheight(Extent extent) {
  extent.high += 0.05 * (extent.high - extent.low);
  return extent;
}

std::string panel_svg(const Plot& plot, double y) {
  Frame frame{.bottom = y + height - bottom,
              .x = axis_of(x_extent(plot), 8),
              .y = axis_of(with_headheight(y_extent(plot)), 6)};
  const std::vector<std::size_t> rows = rows_of(plot.bands, frame);
  const std::size_t band_rows = rows.empty() ? 0 : *std::max_element(rows.begin(), rows.end()) + 1;
  const double bands = row * static_cast<double>(band_rows) + (rows.empty() ? 0 : 4);
  frame.top = y + head(plot) + bands;
  std::string out = text(left, y + 28, "start", xml_text(plot.title), " font-size=\"17\"");
  out += legend_svg(plot, y + (plot.title.empty() ? 16 : 44) + 10);
  out += top_axis_svg(plot, frame, frame.top - bands - 4);
  out += bands_svg(plot, frame) + axes_svg(plot, frame);
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    out += curve_svg(plot.series[i], frame, color(curve_colors, i));
  }
  return out + hover_svg(plot, frame);
}

}  // namespace

std::string svg(const std::vector<Plot>& plots) {
  const double full = height * static_cast<double>(std::max<std::size_t>(plots.size(), 1));
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
      "height=\"{1}\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" font-size=\"13\" "
      "fill=\"#222\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
      width, full);
  for (std::size_t i = 0; i < plots.size(); ++i) {
    out += panel_svg(plots[i], height * static_cast<double>(i));
  }
  return out + "</svg>\n";
}

}  // namespace pinfeed
