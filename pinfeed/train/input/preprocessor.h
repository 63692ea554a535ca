// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "pinfeed/core/tensor.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/schemas/preprocessor_schema.h"

namespace pinfeed {

/// Images of a batch as the model reads them: (N, C, H, W) float32 on `device`. `images` are one
/// (N, C, H, W) or several (C, H, W), uint8 or float32, with any strides; each is padded to the
/// largest rounded up to the divisor. On the host it is one pass over the pixels, by torch's
/// threads. Throws Error(data) for other ranks and dtypes and for channels that do not fit.
torch::Tensor preprocessed(const Preprocessing& preprocessing, std::span<const Tensor> images,
                           torch::Device device, std::shared_ptr<void> keeper = nullptr);

/// The same as work of normalize_pixels() (memory/kernels.h).
struct KernelPlan {
  PixelRule rule = {};
  Shape shape = {};                    // of the result: N, C, H, W
  std::vector<PixelBatch> parts = {};  // one after the other; `valid` is to be set
  std::vector<ValidSize> valid = {};   // of each image
};

/// Empty where the kernel cannot do it: images that are not bytes with channels side by side, as
/// the loader renders them. Throws what preprocessed() throws.
std::optional<KernelPlan> kernel_plan(const Preprocessing& preprocessing,
                                      std::span<const Tensor> images);

}  // namespace pinfeed
