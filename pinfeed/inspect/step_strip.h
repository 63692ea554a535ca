// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/loader/loader.h"
#include "pinfeed/image/image.h"

namespace pinfeed {

/// How a sample is drawn in a tile: an image of a fixed size.
struct TileStyle {
  const std::vector<std::string>* classes = nullptr;  // names by label; must outlive the call
  int side = 320;                                     // of the square for the sample, pixels
  bool titled = false;                                // two lines of text above the square
};

/// Sample `i` of the batch as the model gets it, with masks and boxes, scaled to fit the tile.
image::Image final_tile(const Batch& batch, std::size_t i, const TileStyle& style);

/// Tiles of sample `i` after each step of the pipeline, and of the sample in the batch. A step that
/// changes neither image nor objects has no tile. The loader must record steps (keep_steps).
std::vector<image::Image> step_strip(const Batch& batch, std::size_t i, const TileStyle& style);

}  // namespace pinfeed
