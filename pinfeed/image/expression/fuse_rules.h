// SPDX-License-Identifier: Apache-2.0
// The fusing rule of each node kind, for fuse.cpp. A rule makes the step part of the pass and
// returns true, or returns false and leaves the pass as it is. `size` is the size of the step's
// result.
#pragma once

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/pass.h"

namespace pinfeed::image {

// fuse_geometry.cpp
bool fuse_step(Pass& pass, const Resized& step, Size size);
bool fuse_step(Pass& pass, const Cropped& step, Size size);
bool fuse_step(Pass& pass, const Flipped& step, Size size);
bool fuse_step(Pass& pass, const Placed& step, Size size);

// fuse_values.cpp
bool fuse_step(Pass& pass, const Erased& step, Size size);
bool fuse_step(Pass& pass, const Normalization& step, Size size);
bool fuse_step(Pass& pass, const AsFloat& step, Size size);

/// Other kinds never join a pass: sources, and steps that need the whole image.
template <class Other>
bool fuse_step(Pass&, const Other&, Size) {
  return false;
}

}  // namespace pinfeed::image
