// SPDX-License-Identifier: Apache-2.0
// How masks move where images are mixed: what mmdet's CachedMosaic and CachedMixUp do to them.
#pragma once

#include "pinfeed/data/masks.h"

namespace pinfeed {

/// By a factor, to whole pixels, halves up.
void rescale(Masks& masks, double factor, Arena& arena);

/// By (x, y) onto an empty canvas. Upstream cuts a mask that is larger than the canvas before it
/// moves it, and so do we. Polygons are pressed to the border where they reach beyond it.
void translate(Masks& masks, Size canvas, int x, int y, Arena& arena);

/// Adds the masks of other objects.
void append(Masks& masks, const Masks& others);

}  // namespace pinfeed
