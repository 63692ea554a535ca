// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <span>

#include "pinfeed/core/tensor.h"
#include "pinfeed/train/menu/preprocessor.h"

namespace pinfeed {

/// Images of a batch as the model reads them: (N, C, H, W) float32 on `device`. `images` are one
/// (N, C, H, W) or several (C, H, W), uint8 or float32, with any strides; each is padded to the
/// largest rounded up to the divisor. On the host it is one pass over the pixels, by torch's
/// threads. Throws Error(data) for other ranks and dtypes and for channels that do not fit.
torch::Tensor preprocessed(const Preprocessing& preprocessing, std::span<const Tensor> images,
                           torch::Device device, std::shared_ptr<void> keeper = nullptr);

}  // namespace pinfeed
