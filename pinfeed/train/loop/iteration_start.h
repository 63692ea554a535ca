// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include "pinfeed/data/loader/planner.h"
#include "pinfeed/models/weights.h"

namespace pinfeed {

struct TrainParts;

/// What an iteration changes before it updates the parameters: the position of the feed, the state
/// of torch's generators, buffers, and gradients. A copy made before the model sees the batch
/// undoes it.
class IterationStart {
 public:
  /// `position` is that of the batch.
  IterationStart(const TrainParts& parts, LoaderState position);
  void restore(TrainParts& parts) const;

 private:
  LoaderState position_;
  torch::Tensor random_ = {};
  torch::Tensor random_cuda_ = {};  // undefined on the host
  Tensors buffers_ = {};
  std::vector<torch::Tensor> gradients_ = {};  // of the optimizer's parameters; may be undefined
};

}  // namespace pinfeed
