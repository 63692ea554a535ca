// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "pinfeed/metrics/object_pairs.h"
#include "pinfeed/report/evaluation_report.h"

namespace pinfeed {

/// Pictures of ground truth beside predictions, sorted by the number of errors (objects that were
/// missed, detections without an object, and objects found as another class): those of the images
/// with most errors, and some of the others, evenly spaced in the order.
std::vector<PagePicture> error_pictures(const EvaluatedDetections& found,
                                        std::span<const ImagePairs> images);

}  // namespace pinfeed
