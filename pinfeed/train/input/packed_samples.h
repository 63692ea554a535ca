// SPDX-License-Identifier: Apache-2.0
// The boxes and labels of a batch as one block of bytes, which one copy brings to a device.
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <vector>

#include "pinfeed/models/model.h"

namespace pinfeed {

/// Where the tensors of the samples (boxes, labels, ignored boxes) end when they lie one after the
/// other from the byte `first` of a block on, each at a multiple of a cache line. Makes them
/// contiguous.
std::size_t end_of_packed(std::vector<DetDataSample>& samples, std::size_t first);

/// Copies contiguous tensors of the host to these places of `block`.
void pack(std::vector<DetDataSample>& samples, std::size_t first, std::byte* block);

/// Replaces the tensors by views of `bytes` (uint8), which has the block from the byte `begin` on,
/// and keeps them in DetDataSample::before_copy.
void unpack(std::vector<DetDataSample>& samples, std::size_t first, const torch::Tensor& bytes,
            std::size_t begin = 0);

/// Copies the tensors to the device, with one copy for which the host does not wait.
void move_to(std::vector<DetDataSample>& samples, torch::Device device);

}  // namespace pinfeed
