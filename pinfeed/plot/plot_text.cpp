// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "pinfeed/plot/plot_axis.h"

namespace pinfeed {
namespace {

// A grid of characters of 2 x 4 dots each.
class DotGrid {
 public:
  DotGrid(int columns, int rows)
      : columns_(columns),
        rows_(rows),
        cells_(static_cast<std::size_t>(columns) * static_cast<std::size_t>(rows), 0) {}

  int width() const { return columns_ * 2; }
  int height() const { return rows_ * 4; }

  void set(int x, int y) {
    static constexpr std::uint8_t bits[4][2] = {
        {0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};
    if (x < 0 || y < 0 || x >= width() || y >= height()) return;
    cells_[cell(x / 2, y / 4)] |= bits[y % 4][x % 2];
  }

  // The dots between two points, both ends included.
  void draw(int x1, int y1, int x2, int y2) {
    const int steps = std::max({std::abs(x2 - x1), std::abs(y2 - y1), 1});
    for (int i = 0; i <= steps; ++i) set(x1 + (x2 - x1) * i / steps, y1 + (y2 - y1) * i / steps);
  }

  std::string row(int y) const {
    std::string text;
    for (int x = 0; x < columns_; ++x) {
      const std::uint8_t dots = cells_[cell(x, y)];
      // U+2800 and the dots, in UTF-8; a blank where there are none.
      if (dots == 0) {
        text += ' ';
      } else {
        text += {'\xe2', static_cast<char>(0xa0 | (dots >> 6)),
                 static_cast<char>(0x80 | (dots & 0x3f))};
      }
    }
    return text;
  }

 private:
  std::size_t cell(int column, int row) const {
    return static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
           static_cast<std::size_t>(column);
  }

  int columns_;
  int rows_;
  std::vector<std::uint8_t> cells_;
};

int position_of(double value, const Extent& extent, int last) {
  return static_cast<int>(std::lround((value - extent.low) / (extent.high - extent.low) * last));
}

void draw_curve(DotGrid& grid, const Series& series, const Extent& x, const Extent& y) {
  const Series thin = thinned(series, x, grid.width());
  for (std::size_t i = 0; i < thin.x.size(); ++i) {
    if (!std::isfinite(thin.y[i])) continue;
    const std::size_t before = i > 0 && std::isfinite(thin.y[i - 1]) ? i - 1 : i;
    const int last_row = grid.height() - 1;
    grid.draw(position_of(thin.x[before], x, grid.width() - 1),
              last_row - position_of(thin.y[before], y, last_row),
              position_of(thin.x[i], x, grid.width() - 1),
              last_row - position_of(thin.y[i], y, last_row));
  }
}

std::string number(double value) { return fmt::format("{:.6g}", value); }

}  // namespace

std::string terminal_text(const Plot& plot, int columns, int rows) {
  const Extent x = x_extent({&plot, 1});
  const Extent y = y_extent(plot);
  const std::size_t label =
      std::max({number(y.low).size(), number(y.high).size(), plot.y_title.size()});
  DotGrid grid(std::max(columns - static_cast<int>(label) - 2, 8), std::max(rows - 3, 2));
  for (const Series& series : plot.series) draw_curve(grid, series, x, y);
  const int last = grid.height() / 4 - 1;
  std::string out = plot.title.empty() ? "" : plot.title + "\n";
  for (int i = 0; i <= last; ++i) {
    std::string side = i == 0 ? number(y.high) : i == last ? number(y.low) : "";
    if (i == (last + 1) / 2 && i < last) side = plot.y_title;
    out += fmt::format("{:>{}} │{}\n", side, label, grid.row(i));
  }
  const int width = grid.width() / 2 - static_cast<int>(number(x.low).size());
  return out + fmt::format("{:>{}} {}{:>{}}\n", "", label + 1, number(x.low),
                           plot.x_title + "  " + number(x.high), std::max(width, 1));
}

}  // namespace pinfeed
