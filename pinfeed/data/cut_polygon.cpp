// SPDX-License-Identifier: Apache-2.0
// What mmdet's PolygonMasks.crop has from an intersection of polygons, one border after the other:
// the stretches of an outline inside a border are joined along it, each with the one that borders
// on the same piece of the inside.
#include "pinfeed/data/cut_polygon.h"

#include <algorithm>
#include <cstddef>

namespace pinfeed {
namespace {

struct Border {
  std::size_t axis = 0;  // of the coordinate that is the same all along it: 0 is x
  double place = 0.0;
  double inwards = 1.0;  // or -1

  double depth(const double* corner) const { return (corner[axis] - place) * inwards; }
};

// Corners inside a border, with the two places on it between which they lie.
struct Stretch {
  using allocator_type = std::pmr::polymorphic_allocator<std::byte>;
  explicit Stretch(const allocator_type& memory = {}) : corners(memory) {}
  Stretch(const Stretch& other, const allocator_type& memory)
      : corners(other.corners, memory), next(other.next), joined(other.joined) {}
  Stretch(Stretch&&) noexcept = default;
  Stretch(Stretch&& other, const allocator_type& memory)
      : corners(std::move(other.corners), memory), next(other.next), joined(other.joined) {}

  PolygonCorners corners;
  std::size_t next = 0;  // the stretch that goes on where this one leaves
  bool joined = false;
};
using Stretches = std::pmr::vector<Stretch>;

// Where an outline comes in or goes out.
struct Crossing {
  double place = 0.0;  // along the border
  std::size_t stretch = 0;
  bool enters = false;
};

void add(PolygonCorners& corners, const double* corner) {
  const std::size_t size = corners.size();
  if (size >= 2 && corners[size - 2] == corner[0] && corners[size - 1] == corner[1]) return;
  corners.push_back(corner[0]);
  corners.push_back(corner[1]);
}

// With digits to spare, so that only the result is rounded.
void add_crossing(PolygonCorners& corners, const double* from, const double* to,
                  const Border& border) {
  using Wide = long double;
  const std::size_t with_context = 1 - border.axis;
  const Wide share = (static_cast<Wide>(border.place) - from[border.axis]) /
                     (static_cast<Wide>(to[border.axis]) - from[border.axis]);
  double corner[2];
  corner[border.axis] = border.place;
  corner[with_context] = static_cast<double>(
      from[with_context] + share * (static_cast<Wide>(to[with_context]) - from[with_context]));
  add(corners, corner);
}

// A corner on the border counts as outside. `start` is such a one, or one beyond it.
void collect(const PolygonCorners& polygon, std::size_t start, const Border& border,
             Stretches& stretches) {
  const std::size_t count = polygon.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const double* from = &polygon[2 * ((start + i) % count)];
    const double* to = &polygon[2 * ((start + i + 1) % count)];
    const bool was_inside = border.depth(from) > 0.0;
    const bool is_inside = border.depth(to) > 0.0;
    if (!was_inside && !is_inside) continue;
    if (!was_inside) stretches.emplace_back();
    if (was_inside != is_inside) add_crossing(stretches.back().corners, from, to, border);
    if (is_inside) add(stretches.back().corners, to);
  }
}

// Along the border every second gap between crossings is inside the polygon: its two ends belong
// together. False where the outline crosses itself, so that two ends lead the same way.
bool join(Stretches& stretches, const Border& border, std::pmr::memory_resource* memory) {
  std::pmr::vector<Crossing> crossings(memory);
  const std::size_t with_context = 1 - border.axis;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    const PolygonCorners& corners = stretches[i].corners;
    crossings.push_back({corners[with_context], i, true});
    crossings.push_back({corners[corners.size() - 2 + with_context], i, false});
  }
  std::sort(crossings.begin(), crossings.end(), [](const Crossing& a, const Crossing& b) {
    return a.place != b.place ? a.place < b.place : a.stretch < b.stretch;
  });
  for (std::size_t i = 0; i < crossings.size(); i += 2) {
    std::size_t other = i + 1;
    while (crossings[other].enters == crossings[i].enters) {
      ++other;  // another one at the same place may fit
      if (other == crossings.size() || crossings[other].place != crossings[i + 1].place)
        return false;
    }
    std::swap(crossings[i + 1], crossings[other]);
    const bool enters = crossings[i].enters;
    const Crossing& out = crossings[enters ? i + 1 : i];
    stretches[out.stretch].next = crossings[enters ? i : i + 1].stretch;
  }
  return true;
}

double twice_area(const PolygonCorners& corners) {
  double sum = 0.0;
  const std::size_t count = corners.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t next = (i + 1) % count;
    sum += corners[2 * i] * corners[2 * next + 1] - corners[2 * i + 1] * corners[2 * next];
  }
  return sum;
}

void add_part(PolygonCorners& corners, PolygonParts& parts) {
  const std::size_t size = corners.size();
  if (size >= 4 && corners[0] == corners[size - 2] && corners[1] == corners[size - 1]) {
    corners.resize(size - 2);
  }
  if (corners.size() >= 6 && twice_area(corners) != 0.0) parts.push_back(corners);
}

void cut(const PolygonCorners& polygon, const Border& border, PolygonParts& parts) {
  const std::size_t count = polygon.size() / 2;
  std::size_t outside = 0;
  while (outside < count && border.depth(&polygon[2 * outside]) > 0.0) ++outside;
  if (outside == count) return parts.push_back(polygon);
  std::pmr::memory_resource* memory = parts.get_allocator().resource();
  Stretches stretches(memory);
  collect(polygon, outside, border, stretches);
  if (!join(stretches, border, memory)) {
    for (std::size_t i = 0; i < stretches.size(); ++i) {
      stretches[i].next = (i + 1) % stretches.size();
    }
  }
  for (std::size_t first = 0; first < stretches.size(); ++first) {
    PolygonCorners corners(memory);
    for (std::size_t i = first; !stretches[i].joined; i = stretches[i].next) {
      stretches[i].joined = true;
      const PolygonCorners& more = stretches[i].corners;
      for (std::size_t k = 0; k < more.size(); k += 2) add(corners, &more[k]);
    }
    add_part(corners, parts);
  }
}

}  // namespace

void cut_polygon(std::span<const double> polygon, const Rect& window, PolygonParts& parts) {
  std::pmr::memory_resource* memory = parts.get_allocator().resource();
  const Border borders[] = {{0, static_cast<double>(window.x), 1.0},
                            {0, static_cast<double>(window.x + window.width), -1.0},
                            {1, static_cast<double>(window.y), 1.0},
                            {1, static_cast<double>(window.y + window.height), -1.0}};
  PolygonParts now(memory);
  PolygonCorners whole(polygon.begin(), polygon.end(), memory);
  add_part(whole, now);
  for (const Border& border : borders) {
    PolygonParts next(memory);
    for (const PolygonCorners& part : now) cut(part, border, next);
    now = std::move(next);
  }
  for (PolygonCorners& part : now) {
    for (std::size_t i = 0; i < part.size(); ++i) part[i] -= i % 2 == 0 ? window.x : window.y;
    parts.push_back(part);
  }
}

}  // namespace pinfeed
