// SPDX-License-Identifier: Apache-2.0
// The fusing rules: which steps join a pass without changing a bit of its result.
#pragma once

#include <optional>

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/pass.h"

namespace pinfeed::image {

/// A pass that shows these pixels as they are.
Pass pass_over(const ImageView& pixels);

/// The pixels of the source, where the pass shows a part of them as it is.
std::optional<ImageView> plain_part(const Pass& pass);

/// Makes the node's step a part of the pass. False, and the pass unchanged, where that would change
/// the result.
bool fuses(Pass& pass, const Node& node);

/// Makes a window of the pass' result, which may be empty, its result.
void keep(Pass& pass, Rect window);

/// What OpenCV stores for a fill value: uint8 rounds half to even and saturates.
float stored_fill(double value, DType dtype);

}  // namespace pinfeed::image
