// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace pinfeed {

/// One curve. A point that is not finite is a gap.
struct Series {
  std::string name = {};  // in the legend, which is drawn for two or more curves
  std::vector<double> x = {};
  std::vector<double> y = {};
};

/// A named, shaded interval of the x axis. The names of overlapping bands are in separate rows.
struct Band {
  std::string name = {};
  double from = 0.0;
  double to = 0.0;
};

/// A second x axis at the top; its values are those of the first axis times `factor`.
struct TopAxis {
  std::string title = {};
  double factor = 1.0;
};

/// A line chart with labelled axes.
struct Plot {
  std::string title = {};
  std::string x_title = {};
  std::string y_title = {};
  std::string note = {};  // at the right of the title's line
  std::optional<TopAxis> top = {};
  std::vector<Series> series = {};
  std::vector<Band> bands = {};
};

/// The charts, one below the other, as the text of one SVG image. All have the same x axis. A curve
/// has at most four points in each column of pixels: the first, lowest, highest and last. A point
/// without neighbours is a disc. Names that are wider than the image keep their ends.
std::string svg(const std::vector<Plot>& plots);

/// The chart in Braille dots for a terminal; `columns` and `rows` include the axes.
std::string terminal_text(const Plot& plot, int columns, int rows);

/// About `wanted` round numbers in [low, high]: multiples of 1, 2 or 5 times a power of ten.
std::vector<double> round_ticks(double low, double high, int wanted);

}  // namespace pinfeed
