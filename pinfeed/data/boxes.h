// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/core/geometry.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

// Box arithmetic, all in float32 as upstream's (docs/specs/openmmlab-data.md, 4.0).

/// Each coordinate times the scale of its axis.
Box scaled(const Box& box, float width_scale, float height_scale);
/// Moved by (dx, dy).
Box moved(const Box& box, float dx, float dy);
/// Cut at the border of an image; x = width and y = height lie on it.
Box clipped(const Box& box, Size image);
/// Mirrored with an image of this size.
Box flipped(const Box& box, Size image, image::FlipDirection direction);
/// Intersection over union; the union is at least 1e-6.
float iou(const Box& a, const Box& b);
/// Whether any of it lies inside an image of this size.
bool is_inside(const Box& box, Size image);

}  // namespace pinfeed
