// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/image/expression/rows.h"

namespace pinfeed::image {

/// Computes the rows of a pass whose window is resized bilinearly, by OpenCV's rules
/// (docs/specs/openmmlab-data.md, 4.3).
void resize_bilinear(const Pass& pass, SourceRows& source, ResultRows& result,
                     Workspace& workspace);

/// Converts a column of the window after its flip to a column before it.
inline int stored_column(const Pass& pass, int x) {
  return pass.window_flipped_horizontally ? pass.window.width - 1 - x : x;
}

}  // namespace pinfeed::image
