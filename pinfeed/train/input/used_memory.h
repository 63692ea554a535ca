// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>

namespace pinfeed {

/// The most memory that tensors had on a CUDA device since the last call, in MiB, as mmengine logs
/// it (docs/specs/openmmlab-runtime.md, 6); empty on the host.
std::optional<std::int64_t> device_peak_mib(torch::Device device);

/// The memory in use, in MiB: of tensors on a CUDA device, or of this process.
std::int64_t used_mib(torch::Device device);

}  // namespace pinfeed
