// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/synthetic/shape_outlines.h"

#include <array>
#include <cmath>
#include <numbers>

namespace pinfeed {
namespace {

using Points = std::vector<image::Point>;

image::Point on_circle(double turns, double radius) {
  const double angle = 2.0 * std::numbers::pi * turns;
  return {radius * std::sin(angle), -radius * std::cos(angle)};
}

// Corners at equal angles, the first one at the top, alternating between the two radii.
Points star_corners(int corners, double radius, double next_radius) {
  Points points;
  for (int i = 0; i < corners; ++i) {
    points.push_back(
        on_circle(static_cast<double>(i) / corners, i % 2 == 0 ? radius : next_radius));
  }
  return points;
}

Points regular(int corners) { return star_corners(corners, 1.0, 1.0); }

Points circle() { return regular(48); }
Points square() { return {{-0.75, -0.75}, {0.75, -0.75}, {0.75, 0.75}, {-0.75, 0.75}}; }
Points triangle() { return regular(3); }
Points star() { return star_corners(10, 1.0, 0.42); }
Points hexagon() { return regular(6); }

Points cross() {
  constexpr double arm = 0.28;  // half of its width
  constexpr double end = 0.95;
  return {{-arm, -end}, {arm, -end}, {arm, -arm}, {end, -arm}, {end, arm},   {arm, arm},
          {arm, end},   {-arm, end}, {-arm, arm}, {-end, arm}, {-end, -arm}, {-arm, -arm}};
}

Points arrow() {
  return {{0.0, -1.0},   {0.7, -0.1},   {0.28, -0.1}, {0.28, 0.95},
          {-0.28, 0.95}, {-0.28, -0.1}, {-0.7, -0.1}};
}

// A square on its corner, half as wide as high.
Points diamond() { return {{0.0, -1.0}, {0.5, 0.0}, {0.0, 1.0}, {-0.5, 0.0}}; }

constexpr std::array all_outlines = {
    ShapeOutline{"circle", circle},     ShapeOutline{"square", square},
    ShapeOutline{"triangle", triangle}, ShapeOutline{"star", star},
    ShapeOutline{"cross", cross},       ShapeOutline{"hexagon", hexagon},
    ShapeOutline{"arrow", arrow},       ShapeOutline{"diamond", diamond},
};

}  // namespace

std::span<const ShapeOutline> shape_outlines() { return all_outlines; }

Points transformed(const ShapeOutline& outline, image::Point centre, double radius, double angle) {
  const double cosine = std::cos(angle) * radius;
  const double sine = std::sin(angle) * radius;
  Points points = outline.points();
  for (image::Point& point : points) {
    point = {centre.x + point.x * cosine - point.y * sine,
             centre.y + point.x * sine + point.y * cosine};
  }
  return points;
}

}  // namespace pinfeed
