// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/models/device_copies.h"

#include <c10/core/impl/VirtualGuardImpl.h>

#include <optional>

namespace pinfeed {

at::Tensor sent(const at::Tensor& tensor, at::Device device) {
  if (!tensor.is_cpu() || device.is_cpu()) return tensor.to(device);
  return tensor.contiguous().pin_memory().to(device, tensor.scalar_type(), /*non_blocking=*/true);
}

std::vector<at::Tensor> read_together(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> host;
  std::optional<at::Device> device;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.is_cpu()) {
      host.push_back(tensor);
      continue;
    }
    device = tensor.device();
    const auto options = tensor.options().device(at::kCPU).pinned_memory(true);
    host.push_back(at::empty(tensor.sizes(), options).copy_(tensor, /*non_blocking=*/true));
  }
  if (device) c10::impl::VirtualGuardImpl(device->type()).getStream(*device).synchronize();
  return host;
}

}  // namespace pinfeed
