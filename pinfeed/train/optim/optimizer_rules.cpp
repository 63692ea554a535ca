// SPDX-License-Identifier: Apache-2.0
// Source of the rules: torch.optim.SGD and RMSprop; mmpretrain's LARS and Lamb. Adam and AdamW are
// torch's fused kernels (optimizer.cpp).

#include <algorithm>
#include <cmath>
#include <vector>

#include "pinfeed/models/torch_parallel.h"
#include "pinfeed/train/optim/optimizer.h"

namespace pinfeed {
namespace {

// The gradient against which a parameter moves, with the weight decay of SGD.
torch::Tensor decayed(const torch::Tensor& param, const GroupOptions& options) {
  const torch::Tensor direction = options.maximize ? param.grad().neg() : param.grad();
  return options.weight_decay == 0.0 ? direction : direction.add(param, options.weight_decay);
}

// Adds the directions to the running sums, and gives the directions of the step.
std::vector<torch::Tensor> with_momentum(const std::vector<torch::Tensor*>& buffers,
                                         const std::vector<torch::Tensor>& directions,
                                         const GroupOptions& options) {
  if (options.momentum == 0.0) return directions;
  std::vector<torch::Tensor> sums;
  std::vector<torch::Tensor> added;  // to those that there were
  std::vector<torch::Tensor> all;
  for (std::size_t i = 0; i < buffers.size(); ++i) {
    torch::Tensor& buffer = *buffers[i];
    if (buffer.defined()) {
      sums.push_back(buffer);
      added.push_back(directions[i]);
    } else {
      buffer = directions[i].clone();
    }
    all.push_back(buffer);
  }
  if (!sums.empty()) {
    at::_foreach_mul_(sums, options.momentum);
    at::_foreach_add_(sums, added, 1.0 - options.dampening);
  }
  return options.nesterov ? at::_foreach_add(directions, all, options.momentum) : all;
}

constexpr std::int64_t numbers_in_part = 1 << 15;  // 128 KiB of each tensor stay in the cache

// One step of SGD, in place. `buffer` is only used with momentum.
void update_by_sgd(const torch::Tensor& param, const torch::Tensor& gradient,
                   const torch::Tensor& buffer, const GroupOptions& options) {
  torch::Tensor direction = options.maximize ? gradient.neg() : gradient;
  if (options.weight_decay != 0.0) direction = direction.add(param, options.weight_decay);
  if (options.momentum != 0.0) {
    buffer.mul_(options.momentum).add_(direction, 1.0 - options.dampening);
    direction = options.nesterov ? direction.add(buffer, options.momentum) : buffer;
  }
  param.add_(direction, -options.lr);
}

// The numbers of a tensor in the order of their memory, from `first` on.
torch::Tensor numbers_from(const torch::Tensor& tensor, std::int64_t first) {
  const std::int64_t count = std::min(numbers_in_part, tensor.numel() - first);
  return tensor.as_strided({count}, {1}, tensor.storage_offset() + first);
}

// Updates a parameter of the host part by part, where its tensors have the same order in memory:
// each operation on whole tensors would read and write the memory again. The same bits.
bool updated_in_parts(const torch::Tensor& param, const torch::Tensor& buffer,
                      const GroupOptions& options) {
  const torch::Tensor& gradient = param.grad();
  const bool with_buffer = options.momentum != 0.0;
  if (!param.is_cpu() || !param.is_non_overlapping_and_dense() ||
      gradient.strides() != param.strides() ||
      (with_buffer && (!buffer.defined() || buffer.strides() != param.strides())))
    return false;
  const std::int64_t parts = (param.numel() + numbers_in_part - 1) / numbers_in_part;
  in_parallel(parts, 1, [&](std::int64_t begin, std::int64_t end) {
    const torch::NoGradGuard no_gradients;
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t first = i * numbers_in_part;
      update_by_sgd(numbers_from(param, first), numbers_from(gradient, first),
                    with_buffer ? numbers_from(buffer, first) : torch::Tensor(), options);
    }
  });
  return true;
}

// Zeros like the parameter where there is no state yet.
void begin_with_zeros(torch::Tensor& state, const torch::Tensor& param) {
  if (!state.defined()) state = torch::zeros_like(param);
}

// How much longer a parameter is than its update; 1 if one of them is 0.
torch::Tensor trust_ratio(const torch::Tensor& param, const torch::Tensor& update, bool clip) {
  const torch::Tensor length = param.norm();
  const torch::Tensor step = update.norm();
  const torch::Tensor one = torch::ones_like(length);
  const torch::Tensor ratio = torch::where((length > 0).logical_and(step > 0), length / step, one);
  return clip ? torch::minimum(ratio, one) : ratio;
}

// The factor of LARS for the lr of a parameter.
double local_rate(const torch::Tensor& param, const GroupOptions& options) {
  if (options.lars_exclude) return 1.0;
  const auto length = param.norm().item<double>();
  const auto gradient = param.grad().norm().item<double>();
  if (length == 0.0 || gradient == 0.0) return 1.0;
  return options.eta * length / (gradient + options.weight_decay * length + options.eps);
}

}  // namespace

void Optimizer::step_sgd(std::size_t index) {
  const ParamGroup& group = groups_[index];
  const GroupOptions& options = group.options;
  std::vector<torch::Tensor> params;
  std::vector<torch::Tensor> directions;
  std::vector<torch::Tensor*> buffers;
  for (std::size_t i = 0; i < group.params.size(); ++i) {
    if (!group.params[i].grad().defined()) continue;
    torch::Tensor& buffer = states_[index][i].momentum_buffer;
    if (updated_in_parts(group.params[i], buffer, options)) continue;
    params.push_back(group.params[i]);
    directions.push_back(group.params[i].grad());
    buffers.push_back(&buffer);
  }
  if (params.empty()) return;
  if (options.maximize) directions = at::_foreach_neg(directions);
  if (options.weight_decay != 0.0)
    directions = at::_foreach_add(directions, params, options.weight_decay);
  at::_foreach_add_(params, with_momentum(buffers, directions, options), -options.lr);
}

void Optimizer::step_rmsprop(std::size_t index) {
  const ParamGroup& group = groups_[index];
  const GroupOptions& options = group.options;
  for (std::size_t i = 0; i < group.params.size(); ++i) {
    torch::Tensor param = group.params[i];
    if (!param.grad().defined()) continue;
    State& state = states_[index][i];
    const torch::Tensor gradient = decayed(param, options);
    begin_with_zeros(state.square_avg, param);
    state.square_avg.mul_(options.alpha).addcmul_(gradient, gradient, 1.0 - options.alpha);
    torch::Tensor spread = state.square_avg;
    if (options.centered) {
      begin_with_zeros(state.grad_avg, param);
      state.grad_avg.lerp_(gradient, 1.0 - options.alpha);
      spread = spread.addcmul(state.grad_avg, state.grad_avg, -1.0);
    }
    const torch::Tensor divisor = spread.sqrt().add_(options.eps);
    if (options.momentum == 0.0) {
      param.addcdiv_(gradient, divisor, -options.lr);
      continue;
    }
    begin_with_zeros(state.momentum_buffer, param);
    state.momentum_buffer.mul_(options.momentum).addcdiv_(gradient, divisor);
    param.add_(state.momentum_buffer, -options.lr);
  }
}

// The buffer of LARS contains the learning rate, unlike that of SGD.
void Optimizer::step_lars(std::size_t index) {
  const ParamGroup& group = groups_[index];
  const GroupOptions& options = group.options;
  for (std::size_t i = 0; i < group.params.size(); ++i) {
    torch::Tensor param = group.params[i];
    if (!param.grad().defined()) continue;
    const torch::Tensor direction =
        param.grad().add(param, options.weight_decay).mul_(local_rate(param, options) * options.lr);
    param.sub_(with_momentum({&states_[index][i].momentum_buffer}, {direction}, options).front());
  }
}

torch::Tensor Optimizer::lamb_clip() const {
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& param : params()) {
    if (param.grad().defined()) gradients.push_back(param.grad());
  }
  if (gradients.empty()) return torch::ones({});
  const torch::Tensor norm =
      at::linalg_vector_norm(torch::stack(at::_foreach_norm(gradients, 2.0)), 2.0);
  return (norm / choice_.defaults.max_grad_norm).clamp_min(1.0);
}

void Optimizer::step_lamb(std::size_t index, const torch::Tensor& clip) {
  const ParamGroup& group = groups_[index];
  const GroupOptions& options = group.options;
  const auto [beta1, beta2] = options.betas;
  for (std::size_t i = 0; i < group.params.size(); ++i) {
    torch::Tensor param = group.params[i];
    if (!param.grad().defined()) continue;
    State& state = states_[index][i];
    begin_with_zeros(state.exp_avg, param);
    begin_with_zeros(state.exp_avg_sq, param);
    const auto steps = static_cast<double>(++state.steps);
    const torch::Tensor gradient = param.grad() / clip;
    state.exp_avg.mul_(beta1).add_(gradient, options.grad_averaging ? 1.0 - beta1 : 1.0);
    state.exp_avg_sq.mul_(beta2).addcmul_(gradient, gradient, 1.0 - beta2);
    const double correction1 = options.bias_correction ? 1.0 - std::pow(beta1, steps) : 1.0;
    const double correction2 = options.bias_correction ? 1.0 - std::pow(beta2, steps) : 1.0;
    const torch::Tensor divisor =
        (state.exp_avg_sq.sqrt() / std::sqrt(correction2)).add_(options.eps);
    torch::Tensor update = (state.exp_avg / correction1).div_(divisor);
    if (options.weight_decay != 0.0) update.add_(param, options.weight_decay);
    if (options.weight_decay != 0.0 || options.always_adapt)
      update.mul_(trust_ratio(param, update, options.trust_clip));
    param.add_(update, -options.lr);
  }
}

}  // namespace pinfeed
