// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <optional>
#include <string>

#include "pinfeed/config/value/value.h"
#include "pinfeed/core/mapped_file.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {

/// The state of a run from which it can continue (schemas/checkpoint_names.h has the names).
struct Checkpoint {
  Tensors weights = {};
  Tensors optimizer = {};          // by "<parameter>/exp_avg"
  Tensors gradients = {};          // accumulated for an update that is not done yet
  Tensors hooks = {};              // of hooks: "EMAHook/<parameter>"
  torch::Tensor random = {};       // the state of torch's generator of the host
  torch::Tensor random_cuda = {};  // of the CUDA device that the model is on; undefined on the host
  Dict state = {};                 // progress, schedule, scores, seed, config
  MappedFile source = {};          // the file that was read: StoredCopies reads it
};

/// Writes a file with a checksum, atomically: an older file of that name is replaced only by a
/// complete new one. Throws Error(system).
void write_checkpoint(const std::string& path, const Checkpoint& checkpoint);

/// Reads a file of write_checkpoint(). Throws Error(data) when it does not exist, is damaged, has
/// no state, or is of a newer format.
Checkpoint read_checkpoint(const std::string& path);

/// The state in a file of write_checkpoint(); empty for a file without one. Does not verify the
/// checksum. Throws Error(data) for a damaged file and for one of a newer format.
std::optional<Dict> checkpoint_state(const std::string& path);

/// Copies all weights into the module. Throws Error(data) when one is missing or has another shape.
void restore_weights(torch::nn::Module& module, const Checkpoint& checkpoint,
                     const std::string& path);

/// The state of torch's generator for a device, as bytes on the host.
torch::Tensor random_state(torch::Device device = torch::kCPU);
void set_random_state(const torch::Tensor& state, torch::Device device = torch::kCPU);

}  // namespace pinfeed
