// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstddef>
#include <vector>

namespace pinfeed {

/// A tensor of any device, and one with the same sizes and dtype in the memory of the host.
struct CopyToHost {
  at::Tensor from = {};
  at::Tensor to = {};  // contiguous
};

/// Copies tensors to the host. Those of one device and dtype are joined there until they have
/// `group_bytes`, so that the host waits once for each group and not for each tensor; joining takes
/// as much memory of the device. A larger tensor is copied alone.
void copy_together(const std::vector<CopyToHost>& copies,
                   std::size_t group_bytes = std::size_t{64} << 20U);

}  // namespace pinfeed
