// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <vector>

#include "pinfeed/image/expression/node.h"
#include "pinfeed/image/expression/pixel_cache.h"

namespace pinfeed::image {

/// One expression being computed. Whole pictures between two passes, turn by turn: one is read
/// while the other is written.
struct Level {
  std::array<std::vector<std::byte>, 2> pictures = {};
  std::size_t turn = 0;
  std::vector<const Node*> chain = {};
  PixelCache::Look kept = {};  // what its source shows

  /// Room for a whole picture; what was given out before the last time is overwritten.
  ImageView next(Size size, int channels, DType dtype);
  /// Whether these pixels are in what next() gave.
  bool owns(const ImageView& pixels) const;
};

}  // namespace pinfeed::image
