// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py
// (docs/specs/openmmlab-runtime.md, 1.3, 1.6, 1.7).
//
// Schedules are recursions, not formulas. OpenMMLab computes each value from the previous one (x
// gamma, x ratio), and several schedulers change the same value one after the other, so a closed
// form would differ from upstream in the last digits. Here each stage counts its own steps, and a
// step inside its window passes the values of all groups to the stage's rule. Stages step in list
// order, those that count iterations before those that count epochs, as upstream's hook does.
//
// The values are equal to upstream's to the last bit because the operations are: the rules compute
// in double, in upstream's order, and the module is compiled with -ffp-contract=off; a fused
// multiply-add rounds once where Python rounds twice. A checkpoint holds the values and the steps
// of each stage, so that a resumed run continues the same recursion.
#include "pinfeed/schedule/schedule.h"

#include <algorithm>
#include <cmath>

#include "pinfeed/config/value/number_text.h"
#include "pinfeed/core/error.h"

namespace pinfeed {

std::string name_of(Parameter parameter) {
  static constexpr const char* names[] = {"lr", "momentum", "weight_decay"};
  return names[static_cast<int>(parameter)];
}

std::optional<double> value_of(const GroupValues& group, Parameter parameter) {
  if (parameter == Parameter::lr) return group.lr;
  return parameter == Parameter::momentum ? group.momentum : group.weight_decay;
}

namespace {

void set_value(GroupValues& group, Parameter parameter, double value) {
  if (parameter == Parameter::lr) group.lr = value;
  if (parameter == Parameter::momentum) group.momentum = value;
  if (parameter == Parameter::weight_decay) group.weight_decay = value;
}

std::optional<double>& initial_of(GroupValues& group, Parameter parameter) {
  if (parameter == Parameter::lr) return group.initial_lr;
  return parameter == Parameter::momentum ? group.initial_momentum : group.initial_weight_decay;
}

// The value that eta_min_ratio and base values refer to. The first stage of a parameter sets it.
double initial_value(GroupValues& group, const Stage& stage) {
  const std::string name = name_of(stage.parameter);
  const std::optional<double> now = value_of(group, stage.parameter);
  if (!now) {
    throw Error(ErrorKind::config,
                stage.type + " changes " + name + ", which the optimizer does not have");
  }
  std::optional<double>& initial = initial_of(group, stage.parameter);
  if (!initial && stage.last_step >= 0) {
    throw Error(ErrorKind::config, stage.type +
                                       " has last_step=" + std::to_string(stage.last_step) +
                                       ", but the groups have no initial_" + name)
        .help("resume from a checkpoint instead; it holds the schedule's state");
  }
  if (!initial) initial = now;
  return *initial;
}

// Python raises an exception where a rule divides by zero. Here inf or nan would reach the weights.
void require_finite(std::span<const double> values, const Stage& stage) {
  bool finite = true;
  for (const double value : values) finite &= std::isfinite(value);
  if (finite) return;
  const auto wrong = std::find_if(values.begin(), values.end(),
                                  [](double value) { return !std::isfinite(value); });
  throw Error(ErrorKind::config,
              stage.type + " sets " + name_of(stage.parameter) + " to " + python_text(*wrong));
}

[[noreturn]] void throw_after_the_end(const Stage& stage, std::int64_t step) {
  throw Error(ErrorKind::config, stage.type + " has " + python_text(stage.steps) + " steps; step " +
                                     std::to_string(step) + " is after its end")
      .help("set total_steps to the steps of the window, or end the window earlier");
}

double metric_named(std::span<const std::pair<std::string, double>> metrics, const Stage& stage) {
  std::string names;
  for (const auto& [name, value] : metrics) {
    if (name == stage.monitor) return value;
    names += (names.empty() ? "" : ", ") + name;
  }
  throw Error(ErrorKind::config, stage.type + " monitors '" + stage.monitor +
                                     "', which is no metric of the validation")
      .help("set monitor to one of its metrics: " + (names.empty() ? "there are none" : names));
}

}  // namespace

Schedule::Schedule(std::vector<Stage> stages, std::vector<GroupValues> groups)
    : stages_(std::move(stages)),
      initial_(stages_.size()),
      now_{.progress = std::vector<Progress>(stages_.size()), .values = std::move(groups)},
      column_(now_.values.size()) {
  for (std::size_t i = 0; i < stages_.size(); ++i) begin(i);
}

bool Schedule::moves(Parameter parameter) const {
  return std::any_of(stages_.begin(), stages_.end(),
                     [parameter](const Stage& stage) { return stage.parameter == parameter; });
}

void Schedule::begin(std::size_t index) {
  const Stage& stage = stages_[index];
  Progress& progress = now_.progress[index];
  progress.last_step = stage.last_step;
  progress.plateau = stage.plateau;
  std::vector<double>& initial = initial_[index];
  for (GroupValues& group : now_.values) initial.push_back(initial_value(group, stage));
  if (stage.start && stage.last_step < 0) {
    stage.start(initial);
    for (std::size_t i = 0; i < initial.size(); ++i)
      initial_of(now_.values[i], stage.parameter) = initial[i];
  }
  step(index);
}

void Schedule::step_all(bool by_epoch) {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    if (stages_[i].by_epoch == by_epoch) step(i);
  }
}

void Schedule::step(std::size_t index) {
  const Stage& stage = stages_[index];
  Progress& progress = now_.progress[index];
  const double now = static_cast<double>(++progress.global_step);
  if (!stage.rule || now < stage.begin || now >= stage.end) return;
  ++progress.last_step;
  if (static_cast<double>(progress.last_step) > stage.steps)
    throw_after_the_end(stage, progress.last_step);
  gather(stage.parameter);
  stage.rule(progress.last_step, initial_[index], column_);
  scatter(stage);
}

void Schedule::after_validation(std::span<const std::pair<std::string, double>> metrics) {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const Stage& stage = stages_[i];
    Progress& progress = now_.progress[i];
    const double now = static_cast<double>(progress.global_step);
    if (!stage.metric_rule || now < stage.begin || now >= stage.end) continue;
    ++progress.last_step;
    gather(stage.parameter);
    stage.metric_rule(metric_named(metrics, stage), progress.plateau, column_);
    scatter(stage);
  }
}

// Nearly all schedulers change lr, so lr has a loop without a branch.
void Schedule::gather(Parameter parameter) {
  if (parameter == Parameter::lr) {
    for (std::size_t i = 0; i < column_.size(); ++i) column_[i] = now_.values[i].lr;
    return;
  }
  for (std::size_t i = 0; i < column_.size(); ++i)
    column_[i] = *value_of(now_.values[i], parameter);
}

void Schedule::scatter(const Stage& stage) {
  require_finite(column_, stage);
  if (stage.parameter == Parameter::lr) {
    for (std::size_t i = 0; i < column_.size(); ++i) now_.values[i].lr = column_[i];
    return;
  }
  for (std::size_t i = 0; i < column_.size(); ++i)
    set_value(now_.values[i], stage.parameter, column_[i]);
}

}  // namespace pinfeed
