// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/iteration_start.h"

#include "pinfeed/train/checkpoint/checkpoint.h"
#include "pinfeed/train/loop/train_parts.h"

namespace pinfeed {

IterationStart::IterationStart(const TrainParts& parts, LoaderState position)
    : position_(position), random_(random_state()) {
  const torch::Device device = parts.device();
  if (device.is_cuda()) random_cuda_ = random_state(device);
  for (const auto& buffer : parts.model->named_buffers())
    buffers_[buffer.key()] = buffer.value().detach().clone();
  for (const torch::Tensor& param : parts.optimizer.params())
    gradients_.push_back(param.grad().defined() ? param.grad().clone() : torch::Tensor());
}

void IterationStart::restore(TrainParts& parts) const {
  const torch::NoGradGuard no_gradients;
  parts.feed->seek(position_);
  set_random_state(random_);
  if (random_cuda_.defined()) set_random_state(random_cuda_, parts.device());
  for (auto& buffer : parts.model->named_buffers()) buffer.value().copy_(buffers_.at(buffer.key()));
  const std::vector<torch::Tensor> params = parts.optimizer.params();
  for (std::size_t i = 0; i < params.size(); ++i)
    torch::Tensor(params[i]).mutable_grad() = gradients_[i];
}

}  // namespace pinfeed
