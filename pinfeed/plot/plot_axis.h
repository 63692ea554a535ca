// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "pinfeed/plot/plot.h"

namespace pinfeed {

/// An interval of numbers; empty until a number is added.
struct Extent {
  double low = 0.0;
  double high = 0.0;
  bool empty = true;

  void add(double value);
  /// The interval itself, or a wider one if its width is 0.
  Extent widened() const;
};

/// The ticks of an axis and their labels, which are divided by one power of ten: "1.5" for 1.5e-4.
struct Axis {
  Extent extent = {};
  std::vector<double> ticks = {};
  int exponent = 0;  // 0: the labels are the numbers themselves

  std::string label(double tick) const;
};

Axis axis_of(const Extent& extent, int ticks);
/// The x values of all plots, with those of the bands.
Extent x_extent(std::span<const Plot> plots);
/// Starts at 0 if no value is negative.
Extent y_extent(const Plot& plot);

/// The curve reduced to at most four points in each of `columns` intervals of the x axis.
Series thinned(const Series& series, const Extent& x, int columns);

}  // namespace pinfeed
