// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/models/dense_heads/fcos_head.h"
#include "pinfeed/models/dense_heads/fcos_targets.h"

namespace pinfeed {

/// The detections in image number `image` of a prediction: of each level the best candidates above
/// the score threshold, decoded, clipped to the image, and without duplicates, in pixels of the
/// stored image. `in_strides`: distances are predicted in strides (norm_on_bbox). All tensors are
/// on the host.
Detections detections_of(const DensePrediction& predicted, const Points& points, std::int64_t image,
                         const DetDataSample& sample, bool in_strides,
                         const DenseTestCfg& test_cfg);

}  // namespace pinfeed
