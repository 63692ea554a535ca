// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/core/Allocator.h>
#include <c10/core/Device.h>

namespace pinfeed {

inline const c10::Device gpu(c10::kCUDA, 0);

c10::Allocator* device_memory();
/// Page-locked memory of the host.
c10::Allocator* locked_memory();
/// Whether a block is of locked_memory().
bool is_locked(const void* block);

}  // namespace pinfeed
