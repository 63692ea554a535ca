// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/train_parts.h"

namespace pinfeed {

torch::Device TrainParts::device() const {
  const std::vector<torch::Tensor> params = optimizer.params();
  return params.empty() ? torch::Device(torch::kCPU) : params.front().device();
}

}  // namespace pinfeed
