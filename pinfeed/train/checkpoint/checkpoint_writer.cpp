// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/checkpoint_writer.h"

#include <chrono>
#include <system_error>
#include <utility>

namespace pinfeed {
namespace {

// Copies into the memory of an earlier copy where it fits.
void copy_tensor(torch::Tensor& copy, const torch::Tensor& tensor) {
  if (!tensor.defined()) {
    copy = torch::Tensor();
    return;
  }
  const bool fits = copy.defined() && copy.sizes() == tensor.sizes() &&
                    copy.scalar_type() == tensor.scalar_type();
  if (!fits) copy = torch::empty(tensor.sizes(), tensor.options().device(torch::kCPU));
  copy.copy_(tensor.detach());
}

void copy_tensors(Tensors& copies, const Tensors& tensors) {
  std::erase_if(copies, [&](const auto& entry) { return !tensors.contains(entry.first); });
  for (const auto& [name, tensor] : tensors) copy_tensor(copies[name], tensor);
}

Checkpoint weights_of(const Checkpoint& checkpoint) {
  return {.weights = checkpoint.weights, .state = checkpoint.state};
}

}  // namespace

CheckpointWriter::~CheckpointWriter() {
  if (running_.valid()) running_.wait();
}

void CheckpointWriter::wait() {
  if (running_.valid()) running_.get();
}

void CheckpointWriter::check() {
  const bool ended =
      running_.valid() && running_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
  if (ended) running_.get();
}

void CheckpointWriter::save(const Checkpoint& checkpoint, std::vector<CheckpointTarget> files,
                            std::function<void()> after) {
  wait();
  const torch::NoGradGuard no_gradients;
  copy_tensors(copy_.weights, checkpoint.weights);
  copy_tensors(copy_.optimizer, checkpoint.optimizer);
  copy_tensors(copy_.gradients, checkpoint.gradients);
  copy_tensors(copy_.hooks, checkpoint.hooks);
  copy_tensor(copy_.random, checkpoint.random);
  copy_tensor(copy_.random_cuda, checkpoint.random_cuda);
  copy_.state = checkpoint.state;
  const auto write = [this, files = std::move(files), after = std::move(after)] {
    for (const CheckpointTarget& file : files)
      write_checkpoint(file.path, file.weights_only ? weights_of(copy_) : copy_);
    after();
  };
  try {
    running_ = std::async(std::launch::async, write);
  } catch (const std::system_error&) {
    write();  // no thread can be started
  }
}

}  // namespace pinfeed
