// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include "pinfeed/models/all_reduce.h"

namespace pinfeed {

/// Batch normalisation of maps (N, C, H, W), as torch::nn::BatchNorm2d. A synchronized one
/// normalises a training batch by the statistics of the batches of all ranks, as
/// torch.nn.SyncBatchNorm, on a CPU too.
class BatchNorm : public torch::nn::BatchNorm2dImpl, public UsesAllReduce {
 public:
  BatchNorm(const torch::nn::BatchNorm2dOptions& shape, bool synchronized)
      : BatchNorm2dImpl(shape), synchronized_(synchronized) {}

  void synchronize() { synchronized_ = true; }
  torch::Tensor forward(const torch::Tensor& map);

 private:
  torch::Tensor forward_over_ranks(const torch::Tensor& map);

  bool synchronized_;
};

/// Synchronizes all batch normalisations of a model: sync_bn of a config.
void synchronize_batch_norms(torch::nn::Module& model);

}  // namespace pinfeed
