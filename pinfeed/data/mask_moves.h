// SPDX-License-Identifier: Apache-2.0
// Operations on masks for steps that mix images, as mmdet's CachedMosaic and CachedMixUp do them.
#pragma once

#include "pinfeed/data/masks.h"

namespace pinfeed {

/// Resizes by a factor; the size is rounded to whole pixels, halves up.
void rescale(Masks& masks, double factor, Arena& arena);

/// Moves the masks by (x, y) onto an empty canvas. As upstream, a bitmap that is larger than the
/// canvas is cropped before it is moved, and corners of polygons are clamped to the canvas.
void translate(Masks& masks, Size canvas, int x, int y, Arena& arena);

/// Appends the masks of other objects. Throws Error(data) for bitmaps of another size.
void append(Masks& masks, const Masks& others);

}  // namespace pinfeed
