// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/annotations/segmentation.h"

namespace pinfeed {

/// One annotated object. The corners of its box are in pixels, as in the annotation file and not
/// clipped to the image.
struct Instance {
  double x1 = 0.0;
  double y1 = 0.0;
  double x2 = 0.0;
  double y2 = 0.0;
  std::int64_t label = 0;       // position among the selected classes
  std::int64_t annotation = 0;  // the annotation's id, for errors
  SegmentationSpan segmentation = {};
  bool ignore = false;  // crowd or difficult
};

}  // namespace pinfeed
