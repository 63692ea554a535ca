// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

c10::ScalarType torch_dtype(DType dtype);
/// Throws Error(data) for a dtype that pinfeed does not have (complex...).
DType pinfeed_dtype(c10::ScalarType dtype);

/// The same bytes as a torch tensor, with the strides they have. They stay as long as the tensor,
/// by `tensor.buffer` and `keeper` (a Batch's keeper).
at::Tensor to_torch(const Tensor& tensor, std::shared_ptr<void> keeper = nullptr);
/// The same bytes as a pinfeed tensor, which keeps the torch tensor. Host memory only.
Tensor from_torch(const at::Tensor& tensor);

}  // namespace pinfeed
