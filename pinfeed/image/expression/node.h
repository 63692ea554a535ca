// SPDX-License-Identifier: Apache-2.0
// The node kinds of an expression. pinfeed/image/README.md lists the files that a new kind needs.
#pragma once

#include <variant>

#include "pinfeed/image/color/jitter.h"
#include "pinfeed/image/expression/image_expr.h"

namespace pinfeed::image {

// Sources, which have no node below: these, and Encoded*, ImageView and const Outline*.

/// A filled canvas with images on it.
struct Composed {
  std::array<double, 3> fill = {};
  std::span<const Piece> pieces = {};
};

// Steps that can join a pass (fuse.h).

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
/// The image on a larger canvas, its upper left corner at (x, y).
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

// Steps that need the whole image below (render_whole_image.h).

struct Extended {
  Border border = Border::edge;
};
struct ResizedInDoubles {};
struct Warped {
  std::array<double, 9> back = {};  // row-major, from coordinates of the result to the source's
  std::array<double, 3> border = {};
};
struct Blended {
  ImageExpr other = {};
};

using Step = std::variant<Encoded*, ImageView, const Outline*, Composed, Resized, Cropped, Flipped,
                          Placed, Erased, Normalization, AsFloat, Extended, ResizedInDoubles,
                          Warped, Blended, HueGains, Distortion, Jitter>;

/// One step of an expression, and the size, channels and dtype of its result. Allocated in an
/// arena, so its destructor does not run.
struct Node {
  const Node* below = nullptr;  // null for sources
  Size size = {};
  int channels = 3;
  DType dtype = DType::uint8;
  Step step = {};
};

}  // namespace pinfeed::image
