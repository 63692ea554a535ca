// SPDX-License-Identifier: Apache-2.0
// Source of the rules: torch/nn/modules/_functions.py of PyTorch, SyncBatchNorm.
#include "pinfeed/models/layers/batch_norm.h"

namespace pinfeed {

torch::Tensor BatchNorm::forward(const torch::Tensor& map) {
  const bool over_ranks = synchronized_ && is_training() && all_reduce().several();
  return over_ranks ? forward_over_ranks(map) : BatchNorm2dImpl::forward(map);
}

// The mean first, then the squared distances from it: as exact as with one rank.
torch::Tensor BatchNorm::forward_over_ranks(const torch::Tensor& map) {
  const std::vector<std::int64_t> all_but_channels = {0, 2, 3};
  const torch::Tensor values = map.to(torch::kFloat32);
  const torch::Tensor own_count =
      torch::full({1}, static_cast<float>(map.numel() / map.size(1)), values.options());
  const torch::Tensor sums =
      all_reduce().differentiable_sum(torch::cat({values.sum(all_but_channels), own_count}));
  const std::int64_t channels = map.size(1);
  const torch::Tensor count = sums.narrow(0, channels, 1).detach();
  const torch::Tensor mean = sums.narrow(0, 0, channels) / count;
  const torch::Tensor centered = values - mean.view({1, -1, 1, 1});
  const torch::Tensor variance =
      all_reduce().differentiable_sum(centered.square().sum(all_but_channels)) / count;
  {
    const torch::NoGradGuard no_gradients;
    num_batches_tracked += 1;
    const double momentum = options.momentum().value_or(0.1);
    running_mean.lerp_(mean, momentum);
    running_var.lerp_(variance * (count / (count - 1)), momentum);
  }
  const torch::Tensor scale = (variance + options.eps()).rsqrt() * weight;
  return (centered * scale.view({1, -1, 1, 1}) + bias.view({1, -1, 1, 1})).to(map.scalar_type());
}

void synchronize_batch_norms(torch::nn::Module& model) {
  for (const auto& module : model.modules()) {
    if (auto* norm = dynamic_cast<BatchNorm*>(module.get())) norm->synchronize();
  }
}

}  // namespace pinfeed
