// SPDX-License-Identifier: Apache-2.0
// The fusing rules: which steps join a pass without changing a bit of its result.
#pragma once

#include "pinfeed/image/node.h"
#include "pinfeed/image/pass.h"

namespace pinfeed::image {

/// A pass that shows these pixels as they are.
Pass pass_over(const ImageView& pixels);

/// Makes the node's step a part of the pass. False, and the pass unchanged, where that would change
/// the result.
bool fuses(Pass& pass, const Node& node);

/// What OpenCV stores for a fill value: uint8 rounds half to even and saturates.
float stored_fill(double value, DType dtype);

}  // namespace pinfeed::image
