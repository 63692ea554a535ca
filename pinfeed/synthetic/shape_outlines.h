// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "pinfeed/image/draw/draw.h"

namespace pinfeed {

/// A class of shapes: its name, and its outline around (0, 0) within radius 1.
struct Outline {
  std::string_view name = {};
  std::vector<image::Point> (*points)() = nullptr;
};

std::span<const Outline> outlines();

/// Turned by `angle` (radians), scaled by `radius`, moved to `centre`.
std::vector<image::Point> placed(const Outline& outline, image::Point centre, double radius,
                                 double angle);

}  // namespace pinfeed
