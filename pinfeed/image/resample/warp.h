// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// The inverse of a 3 x 3 matrix (row-major), by its adjugate as in OpenCV. All zero if the matrix
/// is singular.
std::array<double, 9> inverted(const std::array<double, 9>& matrix);

/// Warps `in` by OpenCV's rules for warpPerspective, bilinear, `border` outside
/// (docs/specs/openmmlab-data.md, 4.14). `back` (row-major) maps coordinates of `out` to
/// coordinates of `in`. Both have the same channels (1 to 4) and dtype.
void warp(const ImageView& in, const std::array<double, 9>& back,
          const std::array<double, 3>& border, const ImageView& out);

}  // namespace pinfeed::image
