// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "pinfeed/core/tensor.h"
#include "pinfeed/data/tree_node.h"
#include "pinfeed/models/model.h"

namespace pinfeed {

/// The images of a collated batch: one (N, C, H, W), or N of (C, H, W), without the padding of
/// pad_collate. Throws Error(data) when `data` has no 'inputs' of tensors.
std::vector<Tensor> images_of(const TreeNode& data);

/// How the preprocessor pads the images of a batch.
struct BatchPadding {
  std::vector<Size> images = {};              // of each image, with the padding of its own
  Size batch = {};                            // of all
  std::optional<double> mask_pad_value = {};  // masks are padded to the size of the batch
};

/// The ground truth and metadata of each image, copied out of the batch. Empty without
/// 'data_samples'.
std::vector<DetDataSample> data_samples_of(const TreeNode& data, const BatchPadding& padding = {});

}  // namespace pinfeed
