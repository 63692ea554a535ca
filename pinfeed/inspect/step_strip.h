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
  /// Objects that a step loads have coordinates of the stored image, also if an earlier step
  /// changed the image, as in OpenMMLab's evaluation pipelines: draw them where they belong.
  /// Otherwise they are drawn at their coordinates, as a training uses them.
  bool objects_of_stored_image = false;
};

/// Sample `i` of the batch as the model gets it, with masks and boxes, scaled to fit the tile,
/// below `title`. The loader must record steps (keep_steps) for objects_of_stored_image.
image::Image final_tile(const Batch& batch, std::size_t i, const TileStyle& style,
                        const std::string& title = "in the batch");

/// Whether a step loads the objects of sample `i` after the image was changed in size or position,
/// so that they do not fit to it. The loader must record steps.
bool loads_objects_late(const Batch& batch, std::size_t i);

/// Tiles of sample `i` after each step of the pipeline, and of the sample in the batch. A step that
/// changes neither image nor objects has no tile. The loader must record steps (keep_steps).
std::vector<image::Image> step_strip(const Batch& batch, std::size_t i, const TileStyle& style);

}  // namespace pinfeed
