// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>

#include "pinfeed/image/image.h"

namespace pinfeed::image {

/// The inverse of a 3 x 3 matrix (row-major), by its adjugate as OpenCV takes it. All zero when
/// there is none.
std::array<double, 9> inverted(const std::array<double, 9>& matrix);

/// Each pixel of `out` is `in` at `back` (row-major, from places of `out` to places of `in`),
/// bilinear, `border` outside, by OpenCV's rules for warpPerspective
/// (docs/specs/openmmlab-data.md, 4.14). The two have the same channels (1 to 4) and dtype.
void warp(const ImageView& in, const std::array<double, 9>& back,
          const std::array<double, 3>& border, const ImageView& out);

}  // namespace pinfeed::image
