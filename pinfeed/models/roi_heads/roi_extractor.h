// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

#include "pinfeed/models/detector_parts.h"
#include "pinfeed/schemas/roi_schemas.h"

namespace pinfeed {

/// Boxes of several images as rows (K, 5): number of the image, x1, y1, x2, y2.
torch::Tensor regions_of(const std::vector<torch::Tensor>& boxes);

/// The features (K, C, s, s) of regions (K, 5) of the host, as mmdet's SingleRoIExtractor: each
/// region is cut out of the level that fits its size.
torch::Tensor extracted_regions(const SingleRoIExtractor& params, const FeatureMaps& levels,
                                const torch::Tensor& regions);

}  // namespace pinfeed
