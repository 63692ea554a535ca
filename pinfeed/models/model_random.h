// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <optional>
#include <string_view>

#include "pinfeed/core/random.h"

namespace pinfeed {

/// What the random numbers of a model depend on by default, besides the module that draws them and
/// the sample.
struct ModelKey {
  std::uint64_t seed = 0;
  std::uint64_t iteration = 0;      // of the training, from 0
  std::int64_t first_position = 0;  // of the first sample of the batch in the global batch
  std::int64_t position_step = 1;   // from one sample of the batch to the next: the number of ranks
};

/// The random numbers of one training step. With a key they depend on it, on the position of the
/// sample in the global batch and on the name of the module only: not on the number of ranks, nor
/// on what other modules draw. Without a key they come from torch's generator, in the order of the
/// calls, as upstream's do.
class ModelRandom {
 public:
  ModelRandom() = default;
  explicit ModelRandom(const ModelKey& key) : key_(key) {}

  bool keyed() const { return key_.has_value(); }
  /// `count` different numbers below `n` in random order, (count) int64 on the host. `sample` is
  /// the position in the batch; `module` is unique within the model and the step. Throws Error(bug)
  /// if count > n.
  torch::Tensor choose(std::int64_t n, std::int64_t count, std::int64_t sample,
                       std::string_view module) const;
  /// Uniform numbers in [0, 1), of shape `sizes` and with `options`; the first dimension are the
  /// samples of the batch.
  torch::Tensor uniform(torch::IntArrayRef sizes, const torch::TensorOptions& options,
                        std::string_view module) const;

 private:
  Philox generator(std::int64_t sample, std::string_view module) const;

  std::optional<ModelKey> key_ = {};
};

}  // namespace pinfeed
