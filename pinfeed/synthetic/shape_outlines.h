// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pinfeed/image/draw/draw.h"

namespace pinfeed {

/// A class of shapes: its name, and the corners of its outline within radius 1 of (0, 0).
struct ShapeOutline {
  std::string_view name = {};
  std::vector<image::Point> (*points)() = nullptr;
};

/// All classes of shapes.
std::span<const ShapeOutline> shape_outlines();

/// The corners rotated by `angle` (radians), scaled by `radius` and moved to `centre`.
std::vector<image::Point> transformed(const ShapeOutline& outline, image::Point centre,
                                      double radius, double angle);

}  // namespace pinfeed
