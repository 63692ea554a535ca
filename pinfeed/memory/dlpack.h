// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <dlpack/dlpack.h>

#include <memory>

#include "pinfeed/core/tensor.h"

namespace pinfeed {

/// The tensor for another library, without a copy, by the DLPack ABI. The bytes, and `keeper` (a
/// batch whose slot must stay), live until the taker calls the deleter. Booleans go as uint8.
/// Strides are in elements, as they are.
DLManagedTensor* to_dlpack(const Tensor& tensor, std::shared_ptr<void> keeper = nullptr);

/// Another library's tensor, without a copy. Its deleter is called when the last copy of the result
/// dies. Takes `managed` over, also when it throws: Error(data) for a dtype or rank that pinfeed
/// does not have, Error(device) for memory of another kind of device.
Tensor from_dlpack(DLManagedTensor* managed);

}  // namespace pinfeed
