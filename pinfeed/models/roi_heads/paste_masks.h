// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <vector>

#include "pinfeed/image/draw/run_mask.h"

namespace pinfeed {

/// Masks of detections in the pixels of their image, as mmdet pastes them: a pixel belongs to the
/// mask if the probability there, interpolated between the cells of its box, is at least
/// `threshold`. `probabilities` is (n, h, w), `boxes` (n, 4) in pixels of the image; float32, on
/// the host. A box with a coordinate that is infinite or NaN has an empty mask.
std::vector<RunMask> pasted_masks(const torch::Tensor& probabilities, const torch::Tensor& boxes,
                                  Size image, double threshold);

}  // namespace pinfeed
