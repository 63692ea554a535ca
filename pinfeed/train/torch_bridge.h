// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <memory>
#include <string>
#include <vector>

#include "pinfeed/core/tensor.h"
#include "pinfeed/data/item.h"
#include "pinfeed/train/model.h"

namespace pinfeed {

c10::ScalarType torch_dtype(DType dtype);
/// Throws Error(data) for a dtype that pinfeed does not have (complex...).
DType pinfeed_dtype(c10::ScalarType dtype);

/// The same bytes as a torch tensor, with the strides they have. They stay as long as the tensor,
/// by `tensor.buffer` and `keeper` (a Batch's keeper).
torch::Tensor to_torch(const Tensor& tensor, std::shared_ptr<void> keeper = nullptr);
/// The same bytes as a pinfeed tensor, which keeps the torch tensor. Host memory only.
Tensor from_torch(const torch::Tensor& tensor);

/// The images of a collated batch: one (N, C, H, W), or N of (C, H, W), without the padding of
/// pad_collate. Throws Error(data) when `data` has no 'inputs' of tensors.
std::vector<Tensor> images_of(const Item& data);
/// What is known of each image, copied out of the batch. Empty without 'data_samples'.
std::vector<Target> targets_of(const Item& data);

}  // namespace pinfeed
