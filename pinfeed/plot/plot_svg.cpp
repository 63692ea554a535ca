// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "pinfeed/plot/plot_axis.h"
#include "pinfeed/plot/plot_legend.h"
#include "pinfeed/plot/xml_text.h"

namespace pinfeed {
namespace {

constexpr double width = 960;
constexpr double height = 420;       // of a panel
constexpr double plot_height = 200;  // of its drawing area, at least
constexpr double left = 84;
constexpr double right = 32;
constexpr double bottom = 60;
constexpr double row = 18;  // of a line of small text
constexpr std::array band_colors = {"#e8a33d", "#4a90c2", "#6aa84f", "#b07aa1", "#999999"};

constexpr double small_font = 12;
constexpr double title_font = 17;

// The name of a band as it is drawn, in small text.
std::string name_of(const Band& band) { return shortened(band.name, small_font, width - left - 6); }

double name_width(const Band& band) { return text_width(name_of(band), small_font) + 6; }

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

double title_height(const Plot& plot) { return plot.title.empty() ? 16 : 44; }

Legend legend_of(const Plot& plot) { return Legend(plot.series, left, width - right); }

double head(const Plot& plot) {
  double pixels = title_height(plot);
  if (plot.top) pixels += 40;
  const double legend = legend_of(plot).height();
  return pixels + (legend > 0 ? legend + 4 : 0);
}

// The height of the rows with the names of the bands.
double band_names_height(const Plot& plot, const Frame& frame) {
  const std::vector<std::size_t> rows = rows_of(plot.bands, frame);
  if (rows.empty()) return 0;
  return row * static_cast<double>(*std::max_element(rows.begin(), rows.end()) + 1) + 4;
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
    const char* fill = band_colors[i % band_colors.size()];
    out += fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" fill=\"{}\" "
        "fill-opacity=\"0.13\"/>\n",
        from, frame.top, to - from, frame.bottom - frame.top, fill);
    const double y = frame.top - 6 - row * static_cast<double>(rows[i]);
    out += line(from, y + 4, to, y + 4, fill);
    out += text(start_of_name(plot.bands[i], frame), y, "start", xml_text(name_of(plot.bands[i])),
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

bool is_drawn(const Series& series, std::size_t i) {
  return i < series.x.size() && std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
}

// A line has no length where a point has no neighbours: such a point is a disc.
std::string curve_svg(const Series& series, const Frame& frame, const Stroke& stroke) {
  const Series thin = thinned(series, frame.x.extent, static_cast<int>(width - left - right));
  std::string path;
  std::string discs;
  for (std::size_t i = 0; i < thin.x.size(); ++i) {
    if (!is_drawn(thin, i)) continue;
    const bool joined = i > 0 && is_drawn(thin, i - 1);
    const double x = frame.across(thin.x[i]);
    const double y = frame.up(thin.y[i]);
    path += fmt::format("{}{:.1f} {:.1f}", joined ? "L" : "M", x, y);
    if (joined || is_drawn(thin, i + 1)) continue;
    discs += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{}\"/>\n", x, y,
                         stroke.color);
  }
  return fmt::format(
             "<path d=\"{}\" fill=\"none\" {} stroke-width=\"1.8\" stroke-linejoin=\"round\" "
             "stroke-linecap=\"{}\"/>\n",
             path, stroke_attributes(stroke), *stroke.dashes == '\0' ? "round" : "butt") +
         discs;
}

// The last point that is not beyond x.
std::optional<std::size_t> point_at(const Series& series, double x) {
  const auto behind = std::upper_bound(series.x.begin(), series.x.end(), x);
  if (behind == series.x.begin()) return std::nullopt;
  return static_cast<std::size_t>(behind - series.x.begin()) - 1;
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

// The panel whose upper edge is at `y`. Its height is that of the texts above the
// drawing area and of this area, which has the rest of `height`, or plot_height if that is more.
Frame frame_of(const Plot& plot, const Extent& x, double y) {
  Frame frame{.x = axis_of(x, 8), .y = axis_of(with_headheight(y_extent(plot)), 6)};
  frame.top = y + head(plot) + band_names_height(plot, frame);
  frame.bottom = std::max(y + height - bottom, frame.top + plot_height);
  return frame;
}

std::string panel_svg(const Plot& plot, const Frame& frame, double y) {
  std::string out = text(
      left, y + 28, "start",
      xml_text(shortened(plot.title, title_font, width - left - right - text_width(plot.note, 13))),
      " font-size=\"17\"");
  out += text(width - right, y + 28, "end", xml_text(plot.note), " fill=\"#555\"");
  out += legend_of(plot).svg(y + title_height(plot) + 10);
  out += top_axis_svg(plot, frame, frame.top - band_names_height(plot, frame) - 4);
  out += bands_svg(plot, frame) + axes_svg(plot, frame);
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    out += curve_svg(plot.series[i], frame, stroke_of_curve(i));
  }
  return out + hover_svg(plot, frame);
}

}  // namespace

std::string svg(const std::vector<Plot>& plots) {
  const Extent x = x_extent(plots);
  std::string panels;
  double y = 0;
  for (const Plot& plot : plots) {
    const Frame frame = frame_of(plot, x, y);
    panels += panel_svg(plot, frame, y);
    y = frame.bottom + bottom;
  }
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" "
             "height=\"{1}\" font-family=\"DejaVu Sans, Helvetica, Arial, sans-serif\" "
             "font-size=\"13\" fill=\"#222\">\n"
             "<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
             width, plots.empty() ? height : y) +
         panels + "</svg>\n";
}

}  // namespace pinfeed
