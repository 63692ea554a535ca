// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>

#include "pinfeed/core/error.h"

namespace pinfeed {

/// The device of `--device auto|cpu|cuda|cuda:N` where torch finds `count` CUDA devices; auto takes
/// the first one, if there is one. Throws Error(config) for another word, Error(device) for a
/// device that is not there.
torch::Device named_device(const std::string& word, int count);

/// The same on this machine. A CUDA device becomes the calling thread's, for torch and for
/// memory/device.h.
torch::Device chosen_device(const std::string& word);

/// What torch says of a device that is out of memory, lost, or has failed at a kernel, as
/// Error(device); empty for any other error.
std::optional<Error> device_failure(const c10::Error& error);

}  // namespace pinfeed
