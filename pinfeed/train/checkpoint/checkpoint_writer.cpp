// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/checkpoint_writer.h"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <system_error>
#include <utility>

#include "pinfeed/models/torch_parallel.h"
#include "pinfeed/train/checkpoint/copy_together.h"

namespace pinfeed {
namespace {

// Copies that are done together: of the host's memory on all threads of torch.
class Copies {
 public:
  // Copies into the memory of an earlier copy where it fits.
  void add(torch::Tensor& copy, const torch::Tensor& tensor) {
    if (!tensor.defined()) {
      copy = torch::Tensor();
      return;
    }
    const bool fits = copy.defined() && copy.sizes() == tensor.sizes() &&
                      copy.scalar_type() == tensor.scalar_type();
    if (!fits) copy = torch::empty(tensor.sizes(), tensor.options().device(torch::kCPU));
    if (!tensor.is_cpu()) return of_devices_.push_back({tensor, copy});
    if (!tensor.is_contiguous()) {
      copy.copy_(tensor.detach());
      return;
    }
    const auto* from = static_cast<const std::byte*>(tensor.const_data_ptr());
    auto* to = static_cast<std::byte*>(copy.mutable_data_ptr());
    for (std::size_t at = 0; at < tensor.nbytes(); at += piece)
      pieces_.push_back({to + at, from + at, std::min(piece, tensor.nbytes() - at)});
  }

  void add(Tensors& copies, const Tensors& tensors) {
    std::erase_if(copies, [&](const auto& entry) { return !tensors.contains(entry.first); });
    for (const auto& [name, tensor] : tensors) add(copies[name], tensor);
  }

  void run() const {
    copy_together(of_devices_);
    in_parallel(std::ssize(pieces_), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const Piece& one = pieces_[static_cast<std::size_t>(i)];
        std::memcpy(one.to, one.from, one.bytes);
      }
    });
  }

 private:
  struct Piece {
    std::byte* to = nullptr;
    const std::byte* from = nullptr;
    std::size_t bytes = 0;
  };
  static constexpr std::size_t piece = std::size_t{4} << 20U;  // large enough for streaming stores

  std::vector<Piece> pieces_ = {};
  std::vector<CopyToHost> of_devices_ = {};
};

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
  Copies copies;
  copies.add(copy_.weights, checkpoint.weights);
  copies.add(copy_.optimizer, checkpoint.optimizer);
  copies.add(copy_.gradients, checkpoint.gradients);
  copies.add(copy_.hooks, checkpoint.hooks);
  copies.add(copy_.random, checkpoint.random);
  copies.add(copy_.random_cuda, checkpoint.random_cuda);
  copies.run();
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
