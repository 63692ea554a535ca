// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pinfeed/core/tensor.h"
#include "pinfeed/data/tree_node.h"
#include "pinfeed/models/model.h"

namespace pinfeed {

/// The images of a collated batch: one (N, C, H, W), or N of (C, H, W), without the padding of
/// pad_collate. Throws Error(data) when `data` has no 'inputs' of tensors.
std::vector<Tensor> images_of(const TreeNode& data);
/// The ground truth and metadata of each image, copied out of the batch. Empty without
/// 'data_samples'.
std::vector<DetDataSample> data_samples_of(const TreeNode& data);

}  // namespace pinfeed
