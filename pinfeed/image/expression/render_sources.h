// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/pass.h"
#include "pinfeed/image/expression/render_context.h"

namespace pinfeed::image {

/// The pass that reads the source of an expression: a stored image, plain pixels, a mask or a
/// canvas. Throws Error(data), and Error(bug) for a node that is no source.
Pass source_pass(const Node& source, const RenderContext& context);

}  // namespace pinfeed::image
