// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/render_context.h"

namespace pinfeed::image {

/// Computes a step that needs the whole of its input, which it may overwrite. Returns the result:
/// `in` itself or a view that context.output_for() gave. Throws Error(bug) for a node kind without
/// a rule in render_whole_image.cpp.
ImageView apply_whole_image(const ImageView& in, const Node& node, const RenderContext& context);

}  // namespace pinfeed::image
