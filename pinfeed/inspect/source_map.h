// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed {

/// A linear map of one coordinate. A negative scale mirrors.
struct AxisMap {
  double scale = 1.0;
  double offset = 0.0;  // pixels

  double operator()(double value) const { return scale * value + offset; }
  bool operator==(const AxisMap&) const = default;
};
/// Maps coordinates in one image to coordinates in another, pixels; (0, 0) is the upper left
/// corner.
struct SourceMap {
  AxisMap x = {};
  AxisMap y = {};
  bool operator==(const SourceMap&) const = default;
};

/// Where the pixels of the stored image are in the image that the expression makes of it. Empty
/// if there is no such map: the image is mixed of several ones, or warped.
std::optional<SourceMap> source_map(const image::ImageExpr& image);

/// The map `first`, and then a scaling of its result.
SourceMap scaled(const SourceMap& first, double x, double y);

}  // namespace pinfeed
