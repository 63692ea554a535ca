// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/pixel_cache.h"

namespace pinfeed::image {

/// One expression being computed. Whole images between two passes, turn by turn: one is read
/// while the other is written.
struct RenderBuffers {
  std::array<std::vector<std::byte>, 2> images = {};
  std::size_t turn = 0;
  std::vector<const Node*> chain = {};
  PixelCache::Reader kept = {};  // what its source shows

  /// Room for a whole image; what was given out before the last time is overwritten.
  ImageView next(Size size, int channels, DType dtype);
  /// Whether these pixels are in what next() gave.
  bool owns(const ImageView& pixels) const;
};

}  // namespace pinfeed::image
