// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/synthetic/shape_outlines.h"

#include <array>
#include <cmath>
#include <numbers>

namespace pinfeed {
namespace {

using Points = std::vector<image::Point>;

image::Point on_circle(double turn, double radius) {
  const double angle = 2.0 * std::numbers::pi * turn;
  return {radius * std::sin(angle), -radius * std::cos(angle)};
}

// Corners at the given radii in turn, evenly spread, the first one at the top.
Points spread(int corners, double radius, double next_radius) {
  Points points;
  for (int i = 0; i < corners; ++i) {
    points.push_back(
        on_circle(static_cast<double>(i) / corners, i % 2 == 0 ? radius : next_radius));
  }
  return points;
}

Points regular(int corners) { return spread(corners, 1.0, 1.0); }

Points circle() { return regular(48); }
Points square() { return {{-0.75, -0.75}, {0.75, -0.75}, {0.75, 0.75}, {-0.75, 0.75}}; }
Points triangle() { return regular(3); }
Points star() { return spread(10, 1.0, 0.42); }
Points hexagon() { return regular(6); }

Points cross() {
  constexpr double arm = 0.28;  // half its width
  constexpr double end = 0.95;
  return {{-arm, -end}, {arm, -end}, {arm, -arm}, {end, -arm}, {end, arm},   {arm, arm},
          {arm, end},   {-arm, end}, {-arm, arm}, {-end, arm}, {-end, -arm}, {-arm, -arm}};
}

Points arrow() {
  return {{0.0, -1.0},   {0.7, -0.1},   {0.28, -0.1}, {0.28, 0.95},
          {-0.28, 0.95}, {-0.28, -0.1}, {-0.7, -0.1}};
}

// Two opposite corners are pulled in.
Points diamond() { return {{0.0, -1.0}, {0.5, 0.0}, {0.0, 1.0}, {-0.5, 0.0}}; }

constexpr std::array all = {
    Outline{"circle", circle}, Outline{"square", square},   Outline{"triangle", triangle},
    Outline{"star", star},     Outline{"cross", cross},     Outline{"hexagon", hexagon},
    Outline{"arrow", arrow},   Outline{"diamond", diamond},
};

}  // namespace

std::span<const Outline> outlines() { return all; }

Points placed(const Outline& outline, image::Point centre, double radius, double angle) {
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
