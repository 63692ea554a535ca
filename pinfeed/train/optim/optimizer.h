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

/// SGD, Adam or AdamW over groups of parameters, with torch's arithmetic. One thread.
class Optimizer {
 public:
  Optimizer(OptimizerChoice choice, std::vector<ParamGroup> groups);

  const OptimizerChoice& choice() const { return choice_; }
  const std::vector<ParamGroup>& groups() const { return groups_; }
  /// All parameters of all groups.
  std::vector<torch::Tensor> params() const;

  /// Multiplies the learning rate of each group (auto_scale_lr); not that of the base group.
  void scale_lr(double ratio);
  /// What a Schedule moves: the values of each group, and if there is more than one those of a base
  /// group with the optimizer's own options behind them (docs/specs/openmmlab-runtime.md, 2.4).
  std::vector<GroupValues> values() const;
  /// Takes the values that the next step uses. A base group behind the groups is left aside.
  void set(std::span<const GroupValues> values);

  void zero_grad();
  /// Moves the parameters that have gradients.
  void step();

  /// Its memory by parameter: "backbone.pos_embed/exp_avg". Shares the bytes.
  Tensors state() const;
  /// Throws Error(data) when a tensor has another shape than its parameter.
  void load(const Tensors& state);

 private:
  // What the rule remembers of one parameter; undefined before its first step.
  struct State {
    std::int64_t steps = 0;
    torch::Tensor exp_avg = {};
    torch::Tensor exp_avg_sq = {};
    torch::Tensor max_exp_avg_sq = {};
    torch::Tensor momentum_buffer = {};
  };
  static const std::vector<std::pair<std::string, torch::Tensor State::*>>& parts();

  void step_sgd(std::size_t group);
  void step_adam(const std::vector<std::size_t>& bundle);

  OptimizerChoice choice_;
  std::vector<ParamGroup> groups_;
  std::vector<std::vector<State>> states_;  // as groups_ and their params
};

/// Bounds the gradients of `params`. The length of all of them together before that, for type
/// 'norm'. Throws Error(data) at inf or nan where the config says so.
std::optional<torch::Tensor> clip_gradients(const ClipGrad& clip,
                                            const std::vector<torch::Tensor>& params);

/// Which iterations update, when several share one update (docs/specs/openmmlab-runtime.md, 6,
/// gradient accumulation).
struct Accumulation {
  std::int64_t counts = 1;     // iterations per update
  std::int64_t max_iters = 1;  // of the whole run; the last one updates in any case

  /// What the loss of an iteration (from 0) is divided by.
  std::int64_t divisor(std::int64_t iteration) const;
  bool updates_after(std::int64_t iteration) const;
};

}  // namespace pinfeed
