// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "pinfeed/core/tensor.h"
#include "pinfeed/memory/kernels.h"
#include "pinfeed/schemas/preprocessor_schema.h"
#include "pinfeed/train/input/batch_data.h"

namespace pinfeed {

/// The images of a batch as the model reads them: (N, C, H, W) float32 on `device`. `images` are
/// one (N, C, H, W) or several (C, H, W), uint8 or float32, with any strides; all are padded to the
/// largest height and width, rounded up to the divisor. On the host this is one pass over the
/// pixels, by torch's threads. The result may be a view of the images; then it owns a share of
/// `owner`. Throws Error(data) for other ranks, dtypes and numbers of channels.
at::Tensor preprocessed(const Preprocessing& preprocessing, std::span<const Tensor> images,
                        at::Device device, std::shared_ptr<void> owner = nullptr);

/// How preprocessed() pads these images. Throws what it throws.
BatchPadding padding_of(const Preprocessing& preprocessing, std::span<const Tensor> images);

/// The arguments with which normalize_pixels() (memory/kernels.h) computes the same.
struct KernelPlan {
  PixelRule rule = {};
  Shape shape = {};                    // of the result: N, C, H, W
  std::vector<PixelBatch> parts = {};  // one after the other, without `valid`
  std::vector<ValidSize> valid = {};   // of each image
};

/// Empty when the kernel cannot read the images, because they are not uint8 with interleaved
/// channels. Throws what preprocessed() throws.
std::optional<KernelPlan> kernel_plan(const Preprocessing& preprocessing,
                                      std::span<const Tensor> images);

}  // namespace pinfeed
