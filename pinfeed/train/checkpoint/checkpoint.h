// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <string>

#include "pinfeed/config/value/value.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {

/// What a run can go on from: one .safetensors file, weights under the model's names, the rest
/// beside them (menu/checkpoint_names.h), and the state as JSON in the file's metadata.
struct Checkpoint {
  Tensors weights = {};
  Tensors optimizer = {};     // by "<parameter>/exp_avg"
  Tensors gradients = {};     // gathered for an update that has not come
  torch::Tensor random = {};  // the state of torch's generator
  Dict state = {};            // progress, schedule, scores, seed, config
};

/// Writes it in one step: an older file of that name stays whole until the new one is. Throws
/// Error(system).
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Reads one that pinfeed wrote. Throws Error(data): no such file, cut short, without a state.
Checkpoint read_checkpoint(const std::string& path);

/// Puts the weights into the module, all of them. Throws Error(data) when one lacks or differs.
void restore_weights(torch::nn::Module& module, const Checkpoint& checkpoint,
                     const std::string& path);

/// The state of torch's generator on the host, as bytes.
torch::Tensor random_state();
void set_random_state(const torch::Tensor& state);

}  // namespace pinfeed
