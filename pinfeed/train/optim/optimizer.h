// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <torch/torch.h>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/models/weights.h"
#include "pinfeed/schedule/schedule.h"
#include "pinfeed/train/optim/param_groups.h"

namespace pinfeed {

/// An optimizer over groups of parameters, with the arithmetic of torch and mmpretrain. One thread.
class Optimizer {
 public:
  Optimizer(OptimizerChoice choice, std::vector<ParamGroup> groups);

  const OptimizerChoice& choice() const { return choice_; }
  const std::vector<ParamGroup>& groups() const { return groups_; }
  /// All parameters of all groups.
  std::vector<torch::Tensor> params() const;

  /// The options of each group before any step, without what a Schedule has changed.
  const std::vector<GroupOptions>& configured() const { return configured_; }
  /// Replaces them, and the options that the next step uses. One entry per group.
  void configure(const std::vector<GroupOptions>& options);

  /// Multiplies the learning rate of each group (auto_scale_lr), but not that of the base group.
  void scale_lr(double ratio);
  /// The values that a Schedule changes, one entry per group. With more than one group a last entry
  /// is added: the base group, which has the optimizer's own options
  /// (docs/specs/openmmlab-runtime.md, 2.4).
  std::vector<GroupValues> values() const;
  /// Sets the values that the next step uses. The entry of a base group is ignored.
  void set(std::span<const GroupValues> values);

  void zero_grad();
  /// Updates the parameters that have gradients.
  void step();

  /// Its state by parameter: "backbone.pos_embed/exp_avg". The tensors share the memory.
  Tensors state() const;
  /// Throws Error(data) when a tensor has another shape than its parameter, and for the state of
  /// another rule: a tensor that this rule does not have or, of a parameter that has made steps,
  /// one that it needs.
  void load(const Tensors& state);

 private:
  // The state of one parameter; tensors are undefined before its first step.
  struct State {
    std::int64_t steps = 0;
    torch::Tensor exp_avg = {};
    torch::Tensor exp_avg_sq = {};
    torch::Tensor max_exp_avg_sq = {};
    torch::Tensor momentum_buffer = {};
    torch::Tensor square_avg = {};
    torch::Tensor grad_avg = {};
  };
  static const std::vector<std::pair<std::string, torch::Tensor State::*>>& parts();

  /// Whether the rule of a group has this part of the state.
  bool has_part(const std::string& part, const GroupOptions& options) const;
  void require_parts(const State& state, std::size_t group, const std::string& parameter) const;
  void step_sgd(std::size_t group);
  void step_rmsprop(std::size_t group);
  void step_lars(std::size_t group);
  void step_lamb(std::size_t group, const torch::Tensor& clip);
  /// What Lamb divides all gradients by: their norm over max_grad_norm, at least 1.
  torch::Tensor lamb_clip() const;
  void step_adam(const std::vector<std::size_t>& group_indices);

  OptimizerChoice choice_;
  std::vector<ParamGroup> groups_;
  std::vector<GroupOptions> configured_;    // by group
  std::vector<std::vector<State>> states_;  // by group and parameter
};

/// Clips the gradients of `params`. Returns the norm of all of them together before clipping, for
/// type 'norm'. Throws Error(data) for a norm of inf or nan with error_if_nonfinite.
std::optional<torch::Tensor> clip_gradients(const ClipGrad& clip,
                                            const std::vector<torch::Tensor>& params);

}  // namespace pinfeed
