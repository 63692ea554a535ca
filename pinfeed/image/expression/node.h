// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "pinfeed/image/color/jitter.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed::image {

// What a node does to the image below it. The first four are sources: nothing is below.
struct Composed {
  std::array<double, 3> fill = {};
  std::span<const Piece> pieces = {};
};
struct Resized {
  Interpolation interpolation = Interpolation::bilinear;
  Library pixels_of = Library::opencv;
};
struct Cropped {
  Rect window = {};
};
struct Flipped {
  FlipDirection direction = FlipDirection::horizontal;
};
struct Placed {
  int x = 0;
  int y = 0;
  std::array<double, 3> fill = {};
};
struct Erased {
  Rect window = {};
  std::array<double, 3> fill = {};
};
struct AsFloat {};
// These look at whole images.
struct Extended {
  Border border = Border::edge;
};
struct ResizedInDoubles {};
struct Warped {
  std::array<double, 9> back = {};  // from places of the result
  std::array<double, 3> border = {};
};
struct Blended {
  ImageExpr other = {};
};

using Step = std::variant<Encoded*, ImageView, const Outline*, Composed, Resized, Cropped, Flipped,
                          Placed, Erased, Normalization, AsFloat, Extended, ResizedInDoubles,
                          Warped, Blended, HueGains, Distortion, Jitter>;

/// One step of an expression and what its result looks like. Lives in an arena, never destroyed.
struct Node {
  const Node* below = nullptr;
  Size size = {};
  int channels = 3;
  DType dtype = DType::uint8;
  Step step = {};
};

}  // namespace pinfeed::image
