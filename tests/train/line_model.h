// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "pinfeed/schemas/optim_wrapper_schema.h"
#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/checkpoint/checkpoint_files.h"
#include "pinfeed/train/loop/train_parts.h"
#include "pinfeed/train/loop/trainer.h"
#include "tests/models/test_folder.h"

namespace pinfeed {

/// Learns the sum of four noisy numbers. The noise comes from torch's generator, so a resumed run
/// is equal only if the state of the generator is restored as well.
class LineModel : public Model {
 public:
  LineModel() {
    const torch::NoGradGuard no_gradients;
    torch::manual_seed(3);
    backbone = register_module("backbone", torch::nn::Linear(4, 3));
    head = register_module("head", torch::nn::Linear(3, 1));
  }

  Losses losses(const ModelInput& input) override {
    if (on_step) on_step();
    const torch::Tensor noisy = input.images + 0.01 * torch::randn_like(input.images);
    const torch::Tensor miss = head(backbone(noisy)).squeeze(1) - input.images.sum(1);
    return {{"loss_square", miss.square().mean()},
            {"loss_bias", miss.mean().abs()},
            {"largest", miss.max()}};
  }

  torch::nn::Linear backbone = nullptr;
  torch::nn::Linear head = nullptr;
  std::function<void()> on_step = {};
};

/// Batches that depend on their position alone.
class NumberedFeed : public Feed {
 public:
  explicit NumberedFeed(std::int64_t batches) : Feed(batches, false) {}
  LoaderState position() const override { return position_; }

 private:
  std::optional<ModelInput> load_next() override {
    if (position_.batch >= batches_per_epoch()) {
      position_ = {position_.epoch + 1, 0};
      return std::nullopt;
    }
    const auto start = static_cast<double>(position_.epoch * 100 + position_.batch++);
    return ModelInput{.images =
                          torch::arange(start, start + 8.0).view({2, 4}).sin().to(torch::kFloat)};
  }
  void seek_batch(const LoaderState& position) override { position_ = position; }

  LoaderState position_ = {};
};

/// All weights as bytes, to compare two runs to the bit.
inline std::string weight_bytes(const torch::nn::Module& module) {
  std::string bytes;
  for (const auto& [name, tensor] : named_tensors(module)) {
    const torch::Tensor row = tensor.detach().contiguous();
    bytes += name + std::string(static_cast<const char*>(row.data_ptr()), row.nbytes());
  }
  return bytes;
}

}  // namespace pinfeed
