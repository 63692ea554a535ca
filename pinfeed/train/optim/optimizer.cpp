// SPDX-License-Identifier: Apache-2.0
// Source of the rules: torch.optim; docs/specs/openmmlab-runtime.md, 2.4 and 6.
#include "pinfeed/train/optim/optimizer.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/core/error.h"

namespace pinfeed {
namespace {

bool equal_options(const GroupOptions& a, const GroupOptions& b) {
  return a.lr == b.lr && a.weight_decay == b.weight_decay && a.betas == b.betas && a.eps == b.eps &&
         a.amsgrad == b.amsgrad && a.maximize == b.maximize;
}

// The indices of groups with equal options: one call of the fused kernel updates all of them.
std::vector<std::vector<std::size_t>> groups_by_options(const std::vector<ParamGroup>& groups) {
  std::vector<std::vector<std::size_t>> all;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto same =
        std::find_if(all.begin(), all.end(), [&](const std::vector<std::size_t>& group_indices) {
          return equal_options(groups[group_indices.front()].options, groups[i].options);
        });
    if (same == all.end()) {
      all.push_back({i});
    } else {
      same->push_back(i);
    }
  }
  return all;
}

// The kernel needs parameter and gradient in the same memory order.
torch::Tensor aligned(const torch::Tensor& gradient, const torch::Tensor& param) {
  if (gradient.strides() == param.strides()) return gradient;
  return torch::empty_like(param).copy_(gradient);
}

// The arguments of one fused update.
struct AdamLists {
  std::vector<torch::Tensor> params = {};
  std::vector<torch::Tensor> gradients = {};
  std::vector<torch::Tensor> means = {};
  std::vector<torch::Tensor> squares = {};
  std::vector<torch::Tensor> largest = {};
  std::vector<torch::Tensor> steps = {};
  std::int64_t last_count = 0;

  // Parameters with the same number of steps share one tensor.
  void add_step_count(std::int64_t count, const torch::TensorOptions& options) {
    const bool same = !steps.empty() && count == last_count;
    steps.push_back(same ? steps.back() : torch::full({}, count, options.dtype(torch::kFloat)));
    last_count = count;
  }

  void update(UpdateRule rule, const GroupOptions& options) {
    if (params.empty()) return;
    const auto [beta1, beta2] = options.betas;
    if (rule == UpdateRule::adamw) {
      at::_fused_adamw_(params, gradients, means, squares, largest, steps, options.lr, beta1, beta2,
                        options.weight_decay, options.eps, options.amsgrad, options.maximize);
    } else {
      at::_fused_adam_(params, gradients, means, squares, largest, steps, options.lr, beta1, beta2,
                       options.weight_decay, options.eps, options.amsgrad, options.maximize);
    }
  }
};

GroupValues values_of(const GroupOptions& options, UpdateRule rule) {
  const double momentum = has_momentum_option(rule) ? options.momentum : options.betas.first;
  return {.lr = options.lr, .momentum = momentum, .weight_decay = options.weight_decay};
}

}  // namespace

Optimizer::Optimizer(OptimizerChoice choice, std::vector<ParamGroup> groups)
    : choice_(std::move(choice)), groups_(std::move(groups)) {
  for (const ParamGroup& group : groups_) {
    states_.emplace_back(group.params.size());
    configured_.push_back(group.options);
  }
}

void Optimizer::configure(const std::vector<GroupOptions>& options) {
  configured_ = options;
  for (std::size_t i = 0; i < groups_.size(); ++i) groups_[i].options = options[i];
}

std::vector<torch::Tensor> Optimizer::params() const {
  std::vector<torch::Tensor> all;
  for (const ParamGroup& group : groups_)
    all.insert(all.end(), group.params.begin(), group.params.end());
  return all;
}

void Optimizer::scale_lr(double ratio) {
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    groups_[i].options.lr *= ratio;
    configured_[i].lr = groups_[i].options.lr;
  }
}

std::vector<GroupValues> Optimizer::values() const {
  std::vector<GroupValues> all;
  for (const ParamGroup& group : groups_) all.push_back(values_of(group.options, choice_.rule));
  if (groups_.size() > 1) all.push_back(values_of(choice_.defaults, choice_.rule));
  return all;
}

void Optimizer::set(std::span<const GroupValues> values) {
  for (std::size_t i = 0; i < groups_.size() && i < values.size(); ++i) {
    GroupOptions& options = groups_[i].options;
    options.lr = values[i].lr;
    options.weight_decay = values[i].weight_decay.value_or(options.weight_decay);
    double& momentum = has_momentum_option(choice_.rule) ? options.momentum : options.betas.first;
    momentum = values[i].momentum.value_or(momentum);
  }
}

void Optimizer::zero_grad() {
  for (ParamGroup& group : groups_) {
    for (torch::Tensor& param : group.params) param.mutable_grad().reset();
  }
}

void Optimizer::step() {
  const torch::NoGradGuard no_gradients;
  if (choice_.rule == UpdateRule::adam || choice_.rule == UpdateRule::adamw) {
    for (const std::vector<std::size_t>& group_indices : groups_by_options(groups_))
      step_adam(group_indices);
    return;
  }
  const torch::Tensor clip = choice_.rule == UpdateRule::lamb ? lamb_clip() : torch::Tensor();
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    if (choice_.rule == UpdateRule::sgd) step_sgd(i);
    if (choice_.rule == UpdateRule::rmsprop) step_rmsprop(i);
    if (choice_.rule == UpdateRule::lars) step_lars(i);
    if (choice_.rule == UpdateRule::lamb) step_lamb(i, clip);
  }
}

void Optimizer::step_adam(const std::vector<std::size_t>& group_indices) {
  const GroupOptions& options = groups_[group_indices.front()].options;
  AdamLists lists;
  for (const std::size_t index : group_indices) {
    const ParamGroup& group = groups_[index];
    for (std::size_t i = 0; i < group.params.size(); ++i) {
      const torch::Tensor& param = group.params[i];
      if (!param.grad().defined()) continue;
      State& state = states_[index][i];
      if (!state.exp_avg.defined()) {
        state.exp_avg = torch::zeros_like(param);
        state.exp_avg_sq = torch::zeros_like(param);
        if (options.amsgrad) state.max_exp_avg_sq = torch::zeros_like(param);
      }
      lists.params.push_back(param);
      lists.gradients.push_back(aligned(param.grad(), param));
      lists.means.push_back(state.exp_avg);
      lists.squares.push_back(state.exp_avg_sq);
      lists.add_step_count(++state.steps, param.options());
      if (options.amsgrad) lists.largest.push_back(state.max_exp_avg_sq);
    }
  }
  lists.update(choice_.rule, options);
}

const std::vector<std::pair<std::string, torch::Tensor Optimizer::State::*>>& Optimizer::parts() {
  static const std::vector<std::pair<std::string, torch::Tensor State::*>> all = {
      {"exp_avg", &State::exp_avg},
      {"exp_avg_sq", &State::exp_avg_sq},
      {"max_exp_avg_sq", &State::max_exp_avg_sq},
      {"momentum_buffer", &State::momentum_buffer},
      {"square_avg", &State::square_avg},
      {"grad_avg", &State::grad_avg}};
  return all;
}

Tensors Optimizer::state() const {
  Tensors all;
  for (std::size_t index = 0; index < groups_.size(); ++index) {
    for (std::size_t i = 0; i < states_[index].size(); ++i) {
      const State& state = states_[index][i];
      const std::string name = groups_[index].names[i] + "/";
      if (state.steps > 0) all[name + "step"] = torch::tensor(state.steps);
      for (const auto& [part, member] : parts()) {
        if ((state.*member).defined()) all[name + part] = state.*member;
      }
    }
  }
  return all;
}

bool Optimizer::has_part(const std::string& part, const GroupOptions& options) const {
  const UpdateRule rule = choice_.rule;
  const bool adam = rule == UpdateRule::adam || rule == UpdateRule::adamw;
  if (part == "step") return !has_momentum_option(rule);
  if (part == "momentum_buffer") return has_momentum_option(rule);
  if (part == "max_exp_avg_sq") return adam && options.amsgrad;
  if (part == "square_avg") return rule == UpdateRule::rmsprop;
  if (part == "grad_avg") return rule == UpdateRule::rmsprop && options.centered;
  return adam || rule == UpdateRule::lamb;
}

// A momentum's buffer begins with the first step that has a momentum, so it is never missing.
void Optimizer::require_parts(const State& state, std::size_t group,
                              const std::string& parameter) const {
  if (state.steps == 0 || has_momentum_option(choice_.rule)) return;
  for (const auto& [part, member] : parts()) {
    if (!has_part(part, groups_[group].options) || (state.*member).defined()) continue;
    const bool amsgrad = part == "max_exp_avg_sq";
    throw Error(ErrorKind::data, "the optimizer's state has no '" + parameter + "/" + part +
                                     "', which " + choice_.name +
                                     (amsgrad ? " with amsgrad=True needs" : " needs"));
  }
}

void Optimizer::load(const Tensors& state) {
  std::vector<std::vector<State>> loaded = states_;
  std::size_t used = 0;
  const auto stored = [&](const std::string& key, const torch::Tensor& like) {
    const auto found = state.find(key);
    if (found == state.end()) return torch::Tensor();
    ++used;
    if (like.defined() && found->second.sizes() != like.sizes()) {
      throw Error(ErrorKind::data, "the optimizer's state '" + key + "' does not fit the model");
    }
    return like.defined() ? found->second.to(like.options()).clone() : found->second;
  };
  for (std::size_t index = 0; index < groups_.size(); ++index) {
    for (std::size_t i = 0; i < states_[index].size(); ++i) {
      State& own = loaded[index][i];
      const std::string name = groups_[index].names[i] + "/";
      const torch::Tensor steps = stored(name + "step", {});
      own.steps = steps.defined() ? steps.item<std::int64_t>() : 0;
      for (const auto& [part, member] : parts()) {
        own.*member = stored(name + part, groups_[index].params[i]);
        if (!(own.*member).defined() || has_part(part, groups_[index].options)) continue;
        throw Error(ErrorKind::data,
                    "the optimizer's state has '" + name + part + "', which " + choice_.name +
                        (part == "max_exp_avg_sq" && !has_momentum_option(choice_.rule)
                             ? " without amsgrad does not have"
                             : " does not have"));
      }
      require_parts(own, index, groups_[index].names[i]);
    }
  }
  if (used != state.size()) {
    throw Error(ErrorKind::data,
                "the optimizer's state belongs to another model or another optimizer");
  }
  states_ = std::move(loaded);
}

std::optional<torch::Tensor> clip_gradients(const ClipGrad& clip,
                                            const std::vector<torch::Tensor>& params) {
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> gradients;
  for (const torch::Tensor& param : params) {
    if (param.grad().defined()) gradients.push_back(param.grad());
  }
  if (clip.type == "value") {
    for (torch::Tensor& gradient : gradients) gradient.clamp_(-*clip.clip_value, *clip.clip_value);
    return std::nullopt;
  }
  if (gradients.empty()) return torch::zeros({});
  const std::vector<torch::Tensor> lengths = at::_foreach_norm(gradients, clip.norm_type);
  const torch::Tensor total = at::linalg_vector_norm(torch::stack(lengths), clip.norm_type);
  if (clip.error_if_nonfinite && !std::isfinite(total.item<double>())) {
    throw Error(ErrorKind::data,
                "the gradients contain inf or nan, and clip_grad has error_if_nonfinite=True");
  }
  at::_foreach_mul_(gradients, (*clip.max_norm / (total + 1e-6)).clamp_max(1.0));
  return total;
}

}  // namespace pinfeed
