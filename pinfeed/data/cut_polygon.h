// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

using PolygonCorners = std::pmr::vector<double>;  // x, y, x, y, ...
using PolygonParts = std::pmr::vector<PolygonCorners>;

/// Adds the parts of a polygon that lie in the window, with their corners counted from the
/// window's: several where a concave one is cut apart, none where it only touches the window. A
/// polygon that crosses itself stays in one piece, joined along the border, where it cannot be told
/// what is inside.
void cut_polygon(std::span<const double> polygon, const Rect& window, PolygonParts& parts);

}  // namespace pinfeed
