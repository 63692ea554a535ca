// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/image/draw/run_mask.h"
#include "pinfeed/image/image.h"

namespace pinfeed {

/// An annotated or a detected object: corners in pixels of its image.
struct PictureObject {
  double x1 = 0.0;
  double y1 = 0.0;
  double x2 = 0.0;
  double y2 = 0.0;
  std::size_t number = 0;  // of the class, for its colour
  bool ignored = false;    // drawn in grey
  std::string label = {};
  const RunMask* mask = nullptr;  // its pixels are tinted; may be null
};

/// One side of a picture.
struct PictureSide {
  std::string title = {};
  std::vector<PictureObject> objects = {};
};

/// An image twice, side by side, each with its own objects, below the name of its file. An image
/// whose long side is below 512 pixels is enlarged by a whole number to at least 512. Labels have
/// space around the image, so that they need not cover objects. `image` is BGR uint8.
image::Image detection_picture(const image::Image& image, const std::string& name,
                               const PictureSide& left, const PictureSide& right);

/// The same of one side.
image::Image prediction_picture(const image::Image& image, const std::string& name,
                                const PictureSide& side);

}  // namespace pinfeed
