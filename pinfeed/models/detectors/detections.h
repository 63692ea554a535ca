// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/models/dense_heads/fcos_head.h"
#include "pinfeed/models/dense_heads/fcos_targets.h"

namespace pinfeed {

/// What one image of a prediction holds: candidates above the score threshold, the best of each
/// level, decoded, clipped to the image, suppressed, in pixels of the stored image.
Detections detections_of(const DensePrediction& said, const Points& points, std::int64_t image,
                         const Target& target, const FCOS& params);

}  // namespace pinfeed
