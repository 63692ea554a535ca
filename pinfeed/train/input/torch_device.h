// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed {

/// The device of `--device auto|cpu|cuda|cuda:N` when torch finds `count` CUDA devices; auto is the
/// first of them, or the CPU. Throws Error(config) for another word, Error(device) for a device
/// that does not exist.
torch::Device named_device(const std::string& word, int count);

/// The same on this machine. A CUDA device becomes the current device of the calling thread, for
/// torch and for memory/device.h.
torch::Device chosen_device(const std::string& word);

/// An error of torch as Error(device), if the device is out of memory, lost, or failed in a kernel;
/// empty for any other error.
std::optional<Error> device_failure(const c10::Error& error);

/// An error of torch as Error(system), if the memory of the host does not suffice; empty for any
/// other error.
std::optional<Error> host_memory_failure(const c10::Error& error);

/// The error of a failed allocation on the host. `what`: "torch could not allocate 64 bytes".
Error out_of_host_memory(const std::string& what);

}  // namespace pinfeed
