// SPDX-License-Identifier: Apache-2.0
// Which steps join a pass without changing a bit of its result.
#pragma once

#include <optional>

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/pass.h"

namespace pinfeed::image {

/// A pass whose result is these pixels, unchanged.
Pass identity_pass(const ImageView& pixels);

/// The view of the source that the pass' result equals; empty where the pass changes pixels.
std::optional<ImageView> unchanged_part(const Pass& pass);

/// Makes the node's step part of the pass. Returns false and leaves the pass as it is where that
/// would change the result.
bool try_fuse(Pass& pass, const Node& node);

/// Reduces the pass' result to a window of it, which may be empty.
void crop_result(Pass& pass, Rect window);

/// What OpenCV stores for a fill value: uint8 rounds half to even and saturates.
float stored_fill(double value, DType dtype);

}  // namespace pinfeed::image
