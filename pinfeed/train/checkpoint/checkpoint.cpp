// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/checkpoint.h"

#include <ATen/CPUGeneratorImpl.h>

#include <mutex>

#include "pinfeed/config/write_json.h"
#include "pinfeed/core/error.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/models/torch_tensor.h"
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

// Puts a tensor where its name says.
void sort_in(Checkpoint& checkpoint, std::string name, const torch::Tensor& tensor) {
  if (name == random_name) {
    checkpoint.random = tensor;
  } else if (name.starts_with(optimizer_prefix)) {
    checkpoint.optimizer[name.substr(optimizer_prefix.size())] = tensor;
  } else if (name.starts_with(gradient_prefix)) {
    checkpoint.gradients[name.substr(gradient_prefix.size())] = tensor;
  } else {
    checkpoint.weights[name] = tensor;
  }
}

Error unfit(const std::string& path, const std::string& why) {
  return Error(ErrorKind::data, "cannot resume from " + path + ": " + why);
}

}  // namespace

void write_checkpoint(const std::string& path, const Checkpoint& checkpoint) {
  SafetensorsFile file;
  add(file, "", checkpoint.weights);
  add(file, optimizer_prefix, checkpoint.optimizer);
  add(file, gradient_prefix, checkpoint.gradients);
  if (checkpoint.random.defined()) {
    file.tensors.emplace_back(std::string(random_name), from_torch(checkpoint.random));
  }
  file.metadata = {{"format", "pt"}, {std::string(state_key), write_json(checkpoint.state)}};
  write_safetensors(path, file);
}

Checkpoint read_checkpoint(const std::string& path) {
  const SafetensorsFile file = read_safetensors(path);
  const std::string state = metadata(file, state_key);
  if (state.empty()) {
    throw unfit(path, "it holds weights but not the state of a run")
        .help("load_from='" + path + "' starts a new run from its weights");
  }
  Checkpoint checkpoint{.state = read_state(state, path)};
  for (const auto& [name, tensor] : file.tensors) sort_in(checkpoint, name, to_torch(tensor));
  return checkpoint;
}

void restore_weights(torch::nn::Module& module, const Checkpoint& checkpoint,
                     const std::string& path) {
  const torch::NoGradGuard no_gradients;
  for (auto& [name, tensor] : named_tensors(module)) {
    const auto stored = checkpoint.weights.find(name);
    if (stored == checkpoint.weights.end()) {
      throw unfit(path, "it is of another model, '" + name + "' is not in it");
    }
    if (stored->second.sizes() != tensor.sizes()) {
      throw unfit(path, "it is of another model, '" + name + "' is " + shape_text(stored->second) +
                            " in the file and " + shape_text(tensor) + " in the model");
    }
    torch::Tensor(tensor).copy_(stored->second);
  }
}

torch::Tensor random_state() {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void set_random_state(const torch::Tensor& state) {
  at::Generator generator = at::detail::getDefaultCPUGenerator();
  const std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state.clone());
}

}  // namespace pinfeed
