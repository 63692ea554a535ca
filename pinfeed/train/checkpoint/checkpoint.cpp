// SPDX-License-Identifier: Apache-2.0
//
// A checkpoint is one .safetensors file, which Python reads as well.
//   - Weights and buffers have the model's names, so any reader finds them.
//   - The optimizer's state, gradients of an unfinished accumulation and the states of torch's
//     random generators are further tensors with prefixes of their own
//     (schemas/checkpoint_names.h).
//   - Progress, schedule, loader position, best scores, seed and config are one JSON object in the
//     metadata. Its numbers have 17 digits, so they read back to the same bits.
//   - The version of this format is in the metadata (schemas/checkpoint_format.h).
//   - A checksum of all bytes is in the metadata too: a file that was cut or changed on the disk is
//     not resumed from (formats/safetensors_checksum.h).
// Together these are everything that the next iteration depends on: a resumed run equals an
// uninterrupted one to the bit. A file without the state has weights only and starts a new run.
// Writing is atomic: the bytes go to a temporary file in the same folder, are flushed to the disk,
// and the file is renamed over the old one. A crash leaves either the old or the new file.
#include "pinfeed/train/checkpoint/checkpoint.h"

#include <ATen/Context.h>

#include <mutex>
#include <optional>
#include <utility>

#include "pinfeed/config/write_json.h"
#include "pinfeed/core/error.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/copy_stored.h"
#include "pinfeed/models/torch_tensor.h"
#include "pinfeed/schemas/checkpoint_format.h"
#include "pinfeed/schemas/checkpoint_names.h"
#include "pinfeed/train/logging/state_json.h"

namespace pinfeed {
namespace {

void add(SafetensorsFile& file, std::string_view prefix, const Tensors& tensors) {
  for (const auto& [name, tensor] : tensors) {
    file.tensors.emplace_back(std::string(prefix) + name, from_torch(tensor.detach().cpu()));
  }
}

std::string metadata(const SafetensorsFile& file, std::string_view key) {
  for (const auto& [name, text] : file.metadata) {
    if (name == key) return text;
  }
  return {};
}

// Assigns a tensor to the member that its name belongs to.
void assign(Checkpoint& checkpoint, std::string name, const torch::Tensor& tensor) {
  if (name == random_name) {
    checkpoint.random = tensor;
  } else if (name == random_cuda_name) {
    checkpoint.random_cuda = tensor;
  } else if (name.starts_with(optimizer_prefix)) {
    checkpoint.optimizer[name.substr(optimizer_prefix.size())] = tensor;
  } else if (name.starts_with(gradient_prefix)) {
    checkpoint.gradients[name.substr(gradient_prefix.size())] = tensor;
  } else if (name.starts_with(hook_prefix)) {
    checkpoint.hooks[name.substr(hook_prefix.size())] = tensor;
  } else {
    checkpoint.weights[name] = tensor;
  }
}

Error unfit(const std::string& path, const std::string& why) {
  return Error(ErrorKind::data, "cannot resume from " + path + ": " + why);
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  SafetensorsFile file{.checksum = true};
  add(file, "", checkpoint.weights);
  add(file, optimizer_prefix, checkpoint.optimizer);
  add(file, gradient_prefix, checkpoint.gradients);
  add(file, hook_prefix, checkpoint.hooks);
  for (const auto& [name, state] : {std::pair(random_name, checkpoint.random),
                                    std::pair(random_cuda_name, checkpoint.random_cuda)}) {
    if (state.defined()) file.tensors.emplace_back(std::string(name), from_torch(state));
  }
  file.metadata = {{"format", "pt"}, {std::string(state_key), write_json(checkpoint.state)}};
  add_checkpoint_format(file.metadata);
  write_safetensors(path, file, {.follow_links = false});
}

Checkpoint read_checkpoint(const std::string& path) {
  const MappedFile source(path, ErrorKind::data);
  const SafetensorsFile file = read_safetensors(source);
  require_known_format(file.metadata, path);
  const std::string state = metadata(file, state_key);
  if (state.empty()) {
    throw unfit(path, "it has weights but not the state of a run")
        .help("load_from='" + path + "' starts a new run from its weights");
  }
  Checkpoint checkpoint{.state = read_state(state, path), .source = source};
  for (const auto& [name, tensor] : file.tensors) assign(checkpoint, name, to_torch(tensor));
  return checkpoint;
}

std::optional<Dict> checkpoint_state(const std::string& path) {
  const SafetensorsFile file = read_safetensors(path, Verify::nothing);
  require_known_format(file.metadata, path);
  const std::string state = metadata(file, state_key);
  if (state.empty()) return std::nullopt;
  return read_state(state, path);
}

void restore_weights(torch::nn::Module& module, const Checkpoint& checkpoint,
                     const std::string& path) {
  const Tensors model = named_tensors(module);
  StoredCopies copies(checkpoint.source);
  for (const auto& [name, tensor] : model) {
    const auto stored = checkpoint.weights.find(name);
    if (stored == checkpoint.weights.end()) {
      throw unfit(path, "it belongs to another model: '" + name + "' is not in it");
    }
    if (stored->second.sizes() != tensor.sizes()) {
      const std::string shapes = shapes_text(name, stored->second, tensor);
      Error error = unfit(path, "it belongs to another model: " + shapes);
      if (const auto advice = advice_on_positions(model, name, stored->second)) error.help(*advice);
      throw error;
    }
    copies.add(stored->second, tensor);
  }
  copies.run();
}

torch::Tensor random_state(torch::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void set_random_state(const torch::Tensor& state, torch::Device device) {
  at::Generator generator = at::globalContext().defaultGenerator(device);
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state.clone());
}

}  // namespace pinfeed
