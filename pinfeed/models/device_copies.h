// SPDX-License-Identifier: Apache-2.0
// Copies between the host and a GPU. Torch's own, `tensor.to(device)` and `tensor.cpu()`, wait
// until the device has done all earlier work, each of them.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace pinfeed {

/// The tensor on `device`. The host does not wait: the copy is made through page-locked memory, and
/// comes before everything that the device is given afterwards.
at::Tensor sent(const at::Tensor& tensor, at::Device device);

/// The tensors in memory of the host, which waits for the device once. Those of the host are
/// returned as they are.
std::vector<at::Tensor> read_together(const std::vector<at::Tensor>& tensors);

}  // namespace pinfeed
