// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <variant>

#include "pinfeed/image/picture.h"

namespace pinfeed::image {

// What a node does to the picture below it. The first two are sources: nothing is below.
struct Resized {
  Interpolation interpolation = Interpolation::bilinear;
};
struct Cropped {
  Rect window = {};
};
struct Flipped {
  FlipDirection direction = FlipDirection::horizontal;
};
struct Padded {
  std::array<double, 3> fill = {};
};
struct AsFloat {};

using Step =
    std::variant<Encoded*, ImageView, Resized, Cropped, Flipped, Padded, Normalization, AsFloat>;

/// One step of an expression and what its result looks like. Lives in an arena, never destroyed.
struct Node {
  const Node* below = nullptr;
  Size size = {};
  int channels = 3;
  DType dtype = DType::uint8;
  Step step = {};
};

}  // namespace pinfeed::image
