// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace pinfeed {

// What a checkpoint (.safetensors) holds besides the weights, which have the names of the model's
// parameters. Slashes keep them apart from those.
constexpr std::string_view optimizer_prefix = "optimizer/";  // + parameter + "/exp_avg"
constexpr std::string_view gradient_prefix = "gradient/";    // gathered, not yet used
constexpr std::string_view random_name = "random/torch";     // the state of torch's generator
/// The key of the file's metadata under which the run's state stands, as JSON.
constexpr std::string_view state_key = "pinfeed";
constexpr std::string_view checkpoint_ending = ".safetensors";

/// Whether a tensor of a checkpoint serves resuming only.
inline bool is_training_state(std::string_view name) {
  return name.starts_with(optimizer_prefix) || name.starts_with(gradient_prefix) ||
         name == random_name;
}

}  // namespace pinfeed
