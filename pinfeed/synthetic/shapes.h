// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// A small synthetic detection data set: coloured shapes of any size and rotation over a noisy
/// textured background.
struct Shapes {
  int images = 300;        // of the training part
  int val = 60;            // of the validation part
  Size size = {160, 160};  // of each image
  std::vector<std::string> classes = {"circle", "square", "triangle", "star", "cross"};
  int max_objects = 6;       // 1 .. max_objects per image
  double min_radius = 0.07;  // of a shape, as a share of the image's shorter side
  double max_radius = 0.24;
  double rotation = 180;    // degrees by which a shape may be turned, either way
  double hue_spread = 1.0;  // of a class's colours, as a share of the colour circle; 1: any colour
  int quality = 92;         // of the JPEG files
  std::uint64_t seed = 0;
};

/// Every class that can be asked for.
std::vector<std::string> shape_names();

/// Writes folder/{train,val}/000000.jpg ... and folder/annotations/{train,val}.json (COCO, with
/// boxes, areas and polygons). The same bytes for the same parameters; an image depends on the
/// seed, its part and its number alone. Throws Error(config) for parameters that make no sense,
/// Error(system) where the folder cannot be written.
void write_shapes(const Shapes& shapes, const std::string& folder);

}  // namespace pinfeed
