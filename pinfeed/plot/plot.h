// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pinfeed {

/// One curve. Points that are not finite leave a gap.
struct Series {
  std::string name = {};  // in the legend, shown where there are several
  std::vector<double> x = {};
  std::vector<double> y = {};
};

/// A named stretch of the x axis, shaded. Those that overlap are named in rows.
struct Band {
  std::string name = {};
  double from = 0.0;
  double to = 0.0;
};

/// A second x axis on top: its values are those of the first times `factor`.
struct TopAxis {
  std::string title = {};
  double factor = 1.0;
};

/// A line chart with labelled axes.
struct Plot {
  std::string title = {};
  std::string x_title = {};
  std::string y_title = {};
  std::optional<TopAxis> top = {};
  std::vector<Series> series = {};
  std::vector<Band> bands = {};
};

/// The charts below each other as one SVG image, a text. However long the curves, each takes a
/// few thousand points: of every column of pixels the first, lowest, highest and last.
std::string svg(const std::vector<Plot>& plots);

/// The chart in Braille dots for a terminal, `columns` wide and `rows` high with its axes.
std::string terminal_text(const Plot& plot, int columns, int rows);

/// Round numbers at or between `low` and `high`, about `wanted` of them: multiples of 1, 2 or 5
/// times a power of ten.
std::vector<double> round_ticks(double low, double high, int wanted);

}  // namespace pinfeed
