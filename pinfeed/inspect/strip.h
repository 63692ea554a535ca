// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/image.h"

namespace pinfeed {

/// How tiles are drawn.
struct TileStyle {
  const std::vector<std::string>* classes = nullptr;
  int side = 320;       // pixels
  bool titled = false;  // two lines above the image
};

/// Sample `i` as the model gets it, with masks and boxes, in a square as large as fits.
image::Image final_tile(const Batch& batch, std::size_t i, const TileStyle& style);

/// What each step of the pipeline made of sample `i`, and at last what lies in the batch. Steps
/// that change neither image nor objects have no tile. The loader must keep steps.
std::vector<image::Image> strip_of(const Batch& batch, std::size_t i, const TileStyle& style);

}  // namespace pinfeed
