// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "pinfeed/annotations/segmentation.h"

namespace pinfeed {

/// One annotated object, as a data set read it. Boxes in the file's own numbers, not clipped.
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
