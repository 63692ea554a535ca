// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/train_parts.h"

#include "pinfeed/core/error.h"

namespace pinfeed {

torch::Tensor sum_of_losses(const Losses& losses) {
  torch::Tensor total;
  for (const auto& [name, value] : losses) {
    if (name.find("loss") == std::string::npos) continue;
    total = total.defined() ? total + value : value;
  }
  if (!total.defined()) throw Error(ErrorKind::bug, "the model gives no loss");
  return total;
}

torch::Device TrainParts::device() const {
  const std::vector<torch::Tensor> params = optimizer.params();
  return params.empty() ? torch::Device(torch::kCPU) : params.front().device();
}

torch::Tensor TrainParts::update() {
  const bool finite = precision.unscale(optimizer.params());
  torch::Tensor norm;
  if (clip_grad) norm = clip_gradients(*clip_grad, optimizer.params()).value_or(torch::Tensor());
  if (finite) optimizer.step();
  optimizer.zero_grad();
  return norm;
}

}  // namespace pinfeed
