// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pinfeed {

// Names in a checkpoint (.safetensors). Weights have the names of the model's parameters, which
// contain no slash; other tensors have names with a slash.
constexpr std::string_view optimizer_prefix = "optimizer/";         // + parameter + "/exp_avg"
constexpr std::string_view gradient_prefix = "gradient/";           // accumulated, not yet applied
constexpr std::string_view hook_prefix = "hook/";                   // + hook + "/" + parameter
constexpr std::string_view random_prefix = "random/";               // states of torch's generators
constexpr std::string_view random_name = "random/torch";            // of the host
constexpr std::string_view random_cuda_name = "random/torch_cuda";  // of the model's CUDA device
/// Key of the file's metadata for the state of the run, as JSON.
constexpr std::string_view state_key = "pinfeed";
constexpr std::string_view checkpoint_ending = ".safetensors";

/// Whether a tensor of a checkpoint is only needed to resume.
inline bool is_training_state(std::string_view name) {
  return name.starts_with(optimizer_prefix) || name.starts_with(gradient_prefix) ||
         name.starts_with(random_prefix) || name.starts_with(hook_prefix);
}

}  // namespace pinfeed
