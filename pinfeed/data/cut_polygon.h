// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory_resource>
#include <span>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

using PolygonCorners = std::pmr::vector<double>;  // x, y, x, y, ...
using PolygonParts = std::pmr::vector<PolygonCorners>;

/// Adds the parts of a polygon that lie in the window to `parts`, with coordinates relative to the
/// window's corner. A concave polygon may have several parts; a polygon that only touches the
/// window has none. A polygon that crosses itself becomes one part, joined along the border, where
/// its inside is ambiguous.
void cut_polygon(std::span<const double> polygon, const Rect& window, PolygonParts& parts);

}  // namespace pinfeed
