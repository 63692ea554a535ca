// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace pinfeed {

/// One bar. A value that is not finite has no bar, only its texts.
struct Bar {
  std::string name = {};
  double value = 0.0;
  std::string text = {};  // beside the bar: "12.3 GB/s"
};

/// Lying bars below each other, from 0 on.
struct BarChart {
  std::string title = {};
  std::string x_title = {};
  std::vector<Bar> bars = {};
};

/// The chart as one SVG image, a text.
std::string bars_svg(const BarChart& chart);

}  // namespace pinfeed
