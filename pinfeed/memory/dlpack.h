// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlpack/dlpack.h>

#include <memory>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// Exports a tensor to another library by the DLPack ABI, without a copy. The bytes and `keeper`
/// (for example the batch that owns the slot) stay alive until the consumer calls the deleter.
/// Booleans are exported as uint8. Strides are in elements.
DLManagedTensor* to_dlpack(const Tensor& tensor, std::shared_ptr<void> keeper = nullptr);

/// Imports a tensor of another library, without a copy. Takes ownership of `managed`, also when it
/// throws; its deleter is called when the last copy of the result is destroyed. Throws Error(data)
/// for a dtype or rank that pinfeed does not have, Error(device) for memory of another device kind.
Tensor from_dlpack(DLManagedTensor* managed);

}  // namespace pinfeed
