// SPDX-License-Identifier: Apache-2.0
// Intersection of a polygon with a window, as mmdet's PolygonMasks.crop computes it with shapely.
//
// The polygon is cut at the four borders of the window, one after the other. The corners inside a
// border form chains: each enters through one crossing and leaves through another. Walking along
// the border, the polygon's inside begins and ends at alternating crossings, so the sorted
// crossings are taken in pairs: the stretch of the border between the two of a pair is part of the
// result. It joins the chain that leaves there to the chain that enters there, and following the
// joins gives closed parts. Unlike the algorithm of Sutherland and Hodgman, this separates the
// parts of a concave polygon instead of connecting them along the border.
//
// If an outline crosses itself, a pair can consist of two crossings that both enter. Then the
// chains are joined in the order of the outline. Parts without area are left out.
#include "pinfeed/data/cut_polygon.h"

#include <algorithm>
#include <cstddef>

namespace pinfeed {
namespace {

struct Border {
  std::size_t axis = 0;  // 0: a vertical border at x = position, 1: a horizontal one
  double position = 0.0;
  double inwards = 1.0;  // or -1

  double depth(const double* corner) const { return (corner[axis] - position) * inwards; }
};

// Consecutive corners inside a border, with the crossings at both ends.
struct Chain {
  using allocator_type = std::pmr::polymorphic_allocator<std::byte>;
  explicit Chain(const allocator_type& memory = {}) : corners(memory) {}
  Chain(const Chain& other, const allocator_type& memory)
      : corners(other.corners, memory), next(other.next), joined(other.joined) {}
  Chain(Chain&&) noexcept = default;
  Chain(Chain&& other, const allocator_type& memory)
      : corners(std::move(other.corners), memory), next(other.next), joined(other.joined) {}

  PolygonCorners corners;
  std::size_t next = 0;  // the chain that continues where this one leaves
  bool joined = false;
};
using Chains = std::pmr::vector<Chain>;

// Where an outline enters or leaves the inside of a border.
struct Crossing {
  double position = 0.0;  // along the border
  std::size_t chain = 0;
  bool enters = false;
};

void add(PolygonCorners& corners, const double* corner) {
  const std::size_t size = corners.size();
  if (size >= 2 && corners[size - 2] == corner[0] && corners[size - 1] == corner[1]) return;
  corners.push_back(corner[0]);
  corners.push_back(corner[1]);
}

// Computed in long double, so that only the result is rounded.
void add_crossing(PolygonCorners& corners, const double* from, const double* to,
                  const Border& border) {
  using Wide = long double;
  const std::size_t along = 1 - border.axis;
  const Wide fraction = (static_cast<Wide>(border.position) - from[border.axis]) /
                        (static_cast<Wide>(to[border.axis]) - from[border.axis]);
  double corner[2];
  corner[border.axis] = border.position;
  corner[along] =
      static_cast<double>(from[along] + fraction * (static_cast<Wide>(to[along]) - from[along]));
  add(corners, corner);
}

// A corner on the border counts as outside. `start` is a corner outside.
void collect(const PolygonCorners& polygon, std::size_t start, const Border& border,
             Chains& chains) {
  const std::size_t count = polygon.size() / 2;
  for (std::size_t i = 0; i < count; ++i) {
    const double* from = &polygon[2 * ((start + i) % count)];
    const double* to = &polygon[2 * ((start + i + 1) % count)];
    const bool was_inside = border.depth(from) > 0.0;
    const bool is_inside = border.depth(to) > 0.0;
    if (!was_inside && !is_inside) continue;
    if (!was_inside) chains.emplace_back();
    if (was_inside != is_inside) add_crossing(chains.back().corners, from, to, border);
    if (is_inside) add(chains.back().corners, to);
  }
}

// False if the outline crosses itself so that both crossings of a pair enter, or both leave.
bool join(Chains& chains, const Border& border, std::pmr::memory_resource* memory) {
  std::pmr::vector<Crossing> crossings(memory);
  const std::size_t along = 1 - border.axis;
  for (std::size_t i = 0; i < chains.size(); ++i) {
    const PolygonCorners& corners = chains[i].corners;
    crossings.push_back({corners[along], i, true});
    crossings.push_back({corners[corners.size() - 2 + along], i, false});
  }
  std::sort(crossings.begin(), crossings.end(), [](const Crossing& a, const Crossing& b) {
    return a.position != b.position ? a.position < b.position : a.chain < b.chain;
  });
  for (std::size_t i = 0; i < crossings.size(); i += 2) {
    std::size_t other = i + 1;
    while (crossings[other].enters == crossings[i].enters) {
      ++other;  // another crossing at the same position may fit
      if (other == crossings.size() || crossings[other].position != crossings[i + 1].position)
        return false;
    }
    std::swap(crossings[i + 1], crossings[other]);
    const bool enters = crossings[i].enters;
    const Crossing& leaving = crossings[enters ? i + 1 : i];
    chains[leaving.chain].next = crossings[enters ? i : i + 1].chain;
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

void cut_at_border(const PolygonCorners& polygon, const Border& border, PolygonParts& parts) {
  const std::size_t count = polygon.size() / 2;
  std::size_t outside = 0;
  while (outside < count && border.depth(&polygon[2 * outside]) > 0.0) ++outside;
  if (outside == count) return parts.push_back(polygon);
  std::pmr::memory_resource* memory = parts.get_allocator().resource();
  Chains chains(memory);
  collect(polygon, outside, border, chains);
  if (!join(chains, border, memory)) {
    for (std::size_t i = 0; i < chains.size(); ++i) {
      chains[i].next = (i + 1) % chains.size();
    }
  }
  for (std::size_t first = 0; first < chains.size(); ++first) {
    PolygonCorners corners(memory);
    for (std::size_t i = first; !chains[i].joined; i = chains[i].next) {
      chains[i].joined = true;
      const PolygonCorners& more = chains[i].corners;
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
    for (const PolygonCorners& part : now) cut_at_border(part, border, next);
    now = std::move(next);
  }
  for (PolygonCorners& part : now) {
    for (std::size_t i = 0; i < part.size(); ++i) part[i] -= i % 2 == 0 ? window.x : window.y;
    parts.push_back(part);
  }
}

}  // namespace pinfeed
