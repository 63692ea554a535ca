// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/image/expression/rows.h"

namespace pinfeed::image {

/// The rows that a pass keeps of its window resized bilinearly, by OpenCV's rules
/// (docs/specs/openmmlab-data.md, 4.3).
void resize_bilinear(const Pass& pass, SourceRows& source, ResultRows& result, Workspace& space);

/// The column of the stored window that a column of the window as it is flipped is.
inline int stored_column(const Pass& pass, int x) {
  return pass.window_mirrored ? pass.window.width - 1 - x : x;
}

}  // namespace pinfeed::image
