// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ATen/ATen.h>

#include <memory>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

c10::ScalarType torch_dtype(DType dtype);
/// Throws Error(data) for a dtype that pinfeed does not have (complex...).
DType pinfeed_dtype(c10::ScalarType dtype);

/// A view of the same bytes as a torch tensor, with the same strides. The view owns a share of
/// `tensor.buffer` and of `owner`, for example the Batch that the tensor belongs to.
at::Tensor to_torch(const Tensor& tensor, std::shared_ptr<void> owner = nullptr);
/// A view of the same bytes as a pinfeed tensor, which owns a share of the torch tensor. Host
/// memory only.
Tensor from_torch(const at::Tensor& tensor);

}  // namespace pinfeed
