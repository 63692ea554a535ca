// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// The parameters of a small synthetic detection data set: coloured shapes of random sizes and
/// rotations on a noisy background.
struct Shapes {
  int images = 300;        // number of training images
  int val = 60;            // number of validation images
  Size size = {160, 160};  // of each image, pixels
  std::vector<std::string> classes = {"circle", "square", "triangle", "star", "cross"};
  int max_objects = 6;       // largest number of objects in an image
  double min_radius = 0.07;  // of a shape, as a fraction of the image's shorter side
  double max_radius = 0.24;
  double rotation = 180;  // largest rotation of a shape in either direction, degrees
  double hue_spread =
      1.0;           // width of a class's hues as a fraction of the colour circle; 1: any hue
  int quality = 92;  // of the JPEG files
  std::uint64_t seed = 0;
};

/// The names of all classes of shapes.
std::vector<std::string> shape_names();

/// Writes folder/{train,val}/000000.jpg ... and folder/annotations/{train,val}.json (COCO, with
/// boxes, areas and polygons). Equal parameters give equal bytes, and an image does not depend on
/// the number of images. Throws Error(config) for parameters out of range, Error(system) when the
/// folder cannot be written.
void write_shapes(const Shapes& shapes, const std::string& folder);

}  // namespace pinfeed
