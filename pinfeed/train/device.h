// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>

namespace pinfeed {

/// The device of `--device auto|cpu|cuda`; auto takes CUDA where there is one. Throws Error(config)
/// for another word, Error(device) when CUDA is asked for and absent.
torch::Device chosen_device(const std::string& word);

}  // namespace pinfeed
