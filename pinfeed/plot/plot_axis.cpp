// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/plot/plot_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pinfeed {
namespace {

double round_step(double raw) {
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (raw <= factor * power) return factor * power;
  }
  return 10 * power;
}

// Labels beyond these would be long: 0.00015, 1500000.
bool needs_exponent(double largest) { return largest > 0 && (largest < 1e-2 || largest >= 1e6); }

bool is_finite(const Series& series, std::size_t i) {
  return std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
}

// Keeps, of the points first..last - 1, the first, lowest, highest and last, in their order.
void keep_outline(const Series& from, std::size_t first, std::size_t last, Series& to) {
  const auto begin = from.y.begin();
  const auto at = [begin](std::size_t i) { return begin + static_cast<std::ptrdiff_t>(i); };
  const auto [low, high] = std::minmax_element(at(first), at(last));
  std::vector<std::size_t> kept = {first, static_cast<std::size_t>(low - begin),
                                   static_cast<std::size_t>(high - begin), last - 1};
  std::sort(kept.begin(), kept.end());
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  for (const std::size_t i : kept) {
    to.x.push_back(from.x[i]);
    to.y.push_back(from.y[i]);
  }
}

}  // namespace

void Extent::add(double value) {
  if (!std::isfinite(value)) return;
  low = empty ? value : std::min(low, value);
  high = empty ? value : std::max(high, value);
  empty = false;
}

Extent Extent::widened() const {
  if (high > low) return *this;
  const double margin = std::max(std::fabs(high) * 0.1, high == 0 ? 1.0 : 1e-300);
  return {low - margin, high + margin, false};
}

std::string Axis::label(double tick) const {
  return fmt::format("{:.6g}", std::fabs(tick) < 1e-300 ? 0.0 : tick / std::pow(10.0, exponent));
}

std::vector<double> round_ticks(double low, double high, int wanted) {
  std::vector<double> ticks;
  if (!(high > low)) return ticks;
  const double step = round_step((high - low) / wanted);
  const double slack = step * 1e-9;  // a tick on the end belongs to it in spite of rounding
  for (double n = std::ceil((low - slack) / step); n * step <= high + slack; ++n) {
    ticks.push_back(n * step);
  }
  return ticks;
}

Axis axis_of(const Extent& extent, int ticks) {
  Axis axis{.extent = extent.widened()};
  axis.ticks = round_ticks(axis.extent.low, axis.extent.high, ticks);
  const double largest = std::max(std::fabs(axis.extent.low), std::fabs(axis.extent.high));
  if (needs_exponent(largest)) axis.exponent = static_cast<int>(std::floor(std::log10(largest)));
  return axis;
}

Extent x_extent(std::span<const Plot> plots) {
  Extent extent;
  for (const Plot& plot : plots) {
    for (const Series& series : plot.series) {
      for (const double x : series.x) extent.add(x);
    }
    for (const Band& band : plot.bands) {
      extent.add(band.from);
      extent.add(band.to);
    }
  }
  return extent.widened();
}

Extent y_extent(const Plot& plot) {
  Extent extent;
  for (const Series& series : plot.series) {
    for (const double y : series.y) extent.add(y);
  }
  if (!extent.empty && extent.low > 0) extent.low = 0;
  return extent.widened();
}

Series thinned(const Series& series, const Extent& x, int columns) {
  Series thin{.name = series.name};
  const double width = (x.high - x.low) / columns;
  const auto column = [&](std::size_t i) { return std::floor((series.x[i] - x.low) / width); };
  const std::size_t size = std::min(series.x.size(), series.y.size());
  for (std::size_t first = 0; first < size;) {
    std::size_t last = first + 1;
    if (is_finite(series, first)) {
      while (last < size && is_finite(series, last) && column(last) == column(first)) ++last;
      keep_outline(series, first, last, thin);
    } else {
      thin.x.push_back(series.x[first]);
      thin.y.push_back(std::nan(""));
    }
    first = last;
  }
  return thin;
}

}  // namespace pinfeed
