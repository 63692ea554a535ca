// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/core/geometry.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

// Box arithmetic in float32, as upstream (docs/specs/openmmlab-data.md, 4.0).

/// Multiplies each coordinate by the scale of its axis.
Box scaled(const Box& box, float width_scale, float height_scale);
/// Moves the box by (dx, dy).
Box moved(const Box& box, float dx, float dy);
/// Clips the box to an image of this size: x to [0, width], y to [0, height].
Box clipped(const Box& box, Size image);
/// The box in the flipped image; `image` is the size of the image.
Box flipped(const Box& box, Size image, image::FlipDirection direction);
/// Intersection over union. A union below 1e-6 counts as 1e-6.
float iou(const Box& a, const Box& b);
/// True if the box intersects an image of this size.
bool is_inside(const Box& box, Size image);

}  // namespace pinfeed
