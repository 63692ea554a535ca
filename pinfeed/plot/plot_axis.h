// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/plot/plot.h"

namespace pinfeed {

/// A stretch of numbers; empty until something is added.
struct Extent {
  double low = 0.0;
  double high = 0.0;
  bool empty = true;

  void add(double value);
  /// Somewhat wider if it has no width.
  Extent widened() const;
};

/// Ticks of an axis and how they are written: all over one power of ten, "1.5" for 1.5e-4.
struct Axis {
  Extent extent = {};
  std::vector<double> ticks = {};
  int exponent = 0;  // 0: the labels are the numbers themselves

  std::string label(double tick) const;
};

Axis axis_of(const Extent& extent, int ticks);
Extent x_extent(const Plot& plot);
/// From 0 when nothing is negative.
Extent y_extent(const Plot& plot);

/// The curve with at most four points in each of `columns` stretches of the x axis.
Series thinned(const Series& series, const Extent& x, int columns);

}  // namespace pinfeed
