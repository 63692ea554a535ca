// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.6.
#include "pinfeed/image/draw/outline.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <utility>

namespace pinfeed::image {
namespace {

constexpr double grid_steps = 5.0;  // per pixel

struct GridPoint {
  int x = 0;
  int y = 0;
};

// Corners farther away than the reach move to it: steps that enlarge an image may put them
// anywhere.
int on_grid(double position) {
  return whole_number(grid_steps * std::clamp(position, -outline_reach, outline_reach) + 0.5);
}

GridPoint on_grid(double x, double y) { return {on_grid(x), on_grid(y)}; }

double off_grid(int position) { return (position + 0.5) / grid_steps - 0.5; }

// Finds where a polygon crosses columns of pixels. Each crossing switches the mask on or off for
// the pixels after it, counted down the columns.
class Crossings {
 public:
  Crossings(Size size, std::vector<std::uint64_t>& toggles) : size_(size), toggles_(&toggles) {}

  void add(std::span<const double> polygon) {
    const std::size_t count = polygon.size() / 2;
    first_ = true;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t next = (i + 1) % count;
      edge(on_grid(polygon[2 * i], polygon[2 * i + 1]),
           on_grid(polygon[2 * next], polygon[2 * next + 1]));
    }
  }

 private:
  // Visits the grid points of an edge, one step at a time along the longer axis. They are computed
  // from the smaller coordinate and visited in the direction of the edge.
  void edge(GridPoint from, GridPoint to) {
    const int width = std::abs(to.x - from.x);
    const int height = std::abs(to.y - from.y);
    const bool horizontal = width >= height;
    const bool backwards = horizontal ? from.x > to.x : from.y > to.y;
    if (backwards) std::swap(from, to);
    const int length = std::max(width, height);
    const double rise = horizontal ? to.y - from.y : to.x - from.x;
    const double slope = length == 0 ? 0.0 : rise / length;
    for (int i = 0; i <= length; ++i) {
      const int at = backwards ? length - i : i;
      if (horizontal)
        visit({from.x + at, static_cast<int>(from.y + slope * at + 0.5)});
      else
        visit({static_cast<int>(from.x + slope * at + 0.5), from.y + at});
    }
  }

  void visit(GridPoint point) {
    if (!std::exchange(first_, false) && point.x != before_.x) cross(point);
    before_ = point;
  }

  void cross(GridPoint point) {
    const double x = off_grid(point.x < before_.x ? point.x : point.x - 1);
    if (std::floor(x) != x || x < 0.0 || x > size_.width - 1) return;
    const double y = off_grid(std::min(point.y, before_.y));
    const double row = std::ceil(std::clamp(y, 0.0, static_cast<double>(size_.height)));
    toggles_->push_back(static_cast<std::uint64_t>(x) * static_cast<std::uint64_t>(size_.height) +
                        static_cast<std::uint64_t>(row));
  }

  Size size_;
  std::vector<std::uint64_t>* toggles_;
  GridPoint before_ = {};
  bool first_ = true;
};

// Sets pixels begin .. end - 1, counted down the columns.
void set_ones(std::uint64_t begin, std::uint64_t end, const ImageView& out) {
  const auto height = static_cast<std::uint64_t>(out.height);
  auto x = static_cast<std::ptrdiff_t>(begin / height);
  auto y = static_cast<int>(begin % height);
  for (std::uint64_t i = begin; i < end; ++i) {
    out.row(y)[x] = std::byte{1};
    if (++y < out.height) continue;
    y = 0;
    ++x;
  }
}

void set_runs(std::span<const std::uint32_t> runs, const ImageView& out) {
  std::uint64_t begin = 0;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (i % 2 == 1) set_ones(begin, begin + runs[i], out);
    begin += runs[i];
  }
}

}  // namespace

void crossings_of(std::span<const double> polygon, Size size, std::vector<std::uint64_t>& toggles) {
  toggles.clear();
  Crossings(size, toggles).add(polygon);
  std::sort(toggles.begin(), toggles.end());
  if (toggles.size() % 2 == 0) return;
  toggles.push_back(static_cast<std::uint64_t>(size.width) *
                    static_cast<std::uint64_t>(size.height));
}

void rasterise(const Outline& outline, const ImageView& out, std::vector<std::uint64_t>& toggles) {
  for (int y = 0; y < out.height; ++y) {
    std::memset(out.row(y), 0, static_cast<std::size_t>(out.width));
  }
  set_runs(outline.runs, out);
  for (const std::span<const double> polygon : outline.polygons) {
    crossings_of(polygon, outline.size, toggles);
    for (std::size_t i = 0; i < toggles.size(); i += 2) set_ones(toggles[i], toggles[i + 1], out);
  }
}

namespace {

template <class T>
std::span<const T> copied_values(std::span<const T> values, Arena& arena) {
  auto* copy = static_cast<T*>(arena.allocate(values.size_bytes(), alignof(T)));
  std::uninitialized_copy(values.begin(), values.end(), copy);
  return {copy, values.size()};
}

}  // namespace

const Outline* copied(const Outline& outline, Arena& arena) {
  using Polygon = std::span<const double>;
  const std::size_t count = outline.polygons.size();
  auto* polygons =
      static_cast<Polygon*>(arena.allocate(outline.polygons.size_bytes(), alignof(Polygon)));
  for (std::size_t i = 0; i < count; ++i) {
    new (polygons + i) Polygon(copied_values(outline.polygons[i], arena));
  }
  return arena.make<Outline>(Outline{.size = outline.size,
                                     .polygons = {polygons, count},
                                     .integral = copied_values(outline.integral, arena),
                                     .runs = copied_values(outline.runs, arena)});
}

bool read_runs(std::string_view text, std::pmr::vector<std::uint32_t>& runs) {
  runs.clear();
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t run = 0;
    bool more = true;
    for (int shift = 0; more; shift += 5, ++at) {
      if (at == text.size() || shift > 30 || text[at] < 48 || text[at] >= 48 + 64) return false;
      const int group = text[at] - 48;
      run |= static_cast<std::int64_t>(group & 31) << shift;
      more = (group & 32) != 0;
      if (!more && (group & 16) != 0) run |= -(std::int64_t{1} << (shift + 5));
    }
    if (runs.size() > 2) run += runs[runs.size() - 2];
    if (run < 0 || run > std::int64_t{UINT32_MAX}) return false;
    runs.push_back(static_cast<std::uint32_t>(run));
  }
  return true;
}

// Groups of five bits from the lowest, with 32 added where another group follows. The last group's
// highest bit is the sign.
std::string runs_text(std::span<const std::uint32_t> runs) {
  std::string text;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::int64_t rest = runs[i];
    if (i > 2) rest -= runs[i - 2];
    for (bool more = true; more;) {
      const std::int64_t group = rest & 31;
      rest >>= 5;
      more = rest != ((group & 16) != 0 ? -1 : 0);
      text += static_cast<char>(48 + group + (more ? 32 : 0));
    }
  }
  return text;
}

}  // namespace pinfeed::image
