// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pinfeed {

/// One bar. If the value is not finite, only its texts are drawn.
struct Bar {
  std::string name = {};
  double value = 0.0;
  std::string text = {};  // beside the bar: "12.3 GB/s"
};

/// Horizontal bars that start at 0, one below the other.
struct BarChart {
  std::string title = {};
  std::string x_title = {};
  std::vector<Bar> bars = {};
};

/// The chart as the text of one SVG image.
std::string bars_svg(const BarChart& chart);

}  // namespace pinfeed
