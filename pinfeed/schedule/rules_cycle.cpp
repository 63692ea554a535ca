// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py, OneCycleParamScheduler
// (docs/specs/openmmlab-runtime.md, 1.4). The order of the floating-point operations is upstream's.
#include <cmath>
#include <numbers>

#include "pinfeed/config/value/number_text.h"
#include "pinfeed/core/error.h"
#include "pinfeed/schedule/per_group.h"
#include "pinfeed/schedule/schedulers.h"

namespace pinfeed {
namespace {

// The three values between which a cycle moves.
enum class CycleLevel { first, highest, lowest };

// A part of the cycle. `end` is the last step it covers, and can be fractional.
struct Phase {
  double end = 0.0;
  CycleLevel from = CycleLevel::first;
  CycleLevel to = CycleLevel::highest;
};

// The parameters in the form that the rule needs.
struct Cycle {
  std::vector<Phase> phases = {};
  bool cosine = true;
  PerGroup highest = 0.0;
  double final_div_factor = 1.0;

  double at(CycleLevel level, double first, std::size_t group) const {
    if (level == CycleLevel::first) return first;
    return level == CycleLevel::highest ? value_for_group(highest, group)
                                        : first / final_div_factor;
  }
};

double steps_of(const OneCycleParamScheduler& params) {
  if (params.total_steps) return static_cast<double>(*params.total_steps);
  return params.window.end - params.window.begin;
}

std::vector<Phase> phases_of(const OneCycleParamScheduler& params, double steps) {
  const double top = params.pct_start.value * steps;
  if (params.three_phase) {
    return {{top - 1, CycleLevel::first, CycleLevel::highest},
            {2 * top - 2, CycleLevel::highest, CycleLevel::first},
            {steps - 1, CycleLevel::first, CycleLevel::lowest}};
  }
  return {{top - 1, CycleLevel::first, CycleLevel::highest},
          {steps - 1, CycleLevel::highest, CycleLevel::lowest}};
}

double annealed(double from, double to, double part, bool cosine) {
  if (!cosine) return (to - from) * part + from;
  return to + (from - to) / 2.0 * (std::cos(std::numbers::pi * part) + 1);
}

void set_cycle_values(const Cycle& cycle, double n, std::span<const double> first,
                      std::span<double> values) {
  double start = 0;
  std::size_t i = 0;
  while (i + 1 < cycle.phases.size() && n > cycle.phases[i].end) start = cycle.phases[i++].end;
  const Phase& phase = cycle.phases[i];
  const double part = (n - start) / (phase.end - start);
  for (std::size_t group = 0; group < values.size(); ++group) {
    values[group] = annealed(cycle.at(phase.from, first[group], group),
                             cycle.at(phase.to, first[group], group), part, cycle.cosine);
  }
}

void check_cycle(const OneCycleParamScheduler& params, double steps) {
  const double part = params.pct_start.value;
  if (part < 0 || part > 1) {
    throw Error(ErrorKind::config,
                "pct_start is " + python_text(part) + "; it must be between 0 and 1");
  }
  if (steps <= 0) {
    throw Error(ErrorKind::config,
                "total_steps is " + python_text(steps) + "; it must be at least 1");
  }
  if (part * steps != 1) return;
  throw Error(ErrorKind::config, "pct_start of total_steps is one step: the rule divides by zero")
      .help("choose a pct_start for which pct_start * total_steps is not 1");
}

}  // namespace

Rule rule(const OneCycleParamScheduler& params) {
  const Window& window = params.window;
  const double steps =
      params.total_steps ? static_cast<double>(*params.total_steps) : window.end - window.begin;
  check_cycle(params, steps);
  return [cycle = Cycle{.phases = phases_of(params, steps),
                        .cosine = params.anneal_strategy == "cos",
                        .highest = params.eta_max,
                        .final_div_factor = params.final_div_factor}](
             std::int64_t n, std::span<const double> initial, std::span<double> values) {
    set_cycle_values(cycle, static_cast<double>(n), initial, values);
  };
}

void in_iterations(OneCycleParamScheduler& params, double epoch_length) {
  if (params.total_steps) {
    params.total_steps = *params.total_steps * static_cast<std::int64_t>(epoch_length);
  }
}

// The first value of the cycle replaces the initial one.
void add_to(Stage& stage, const OneCycleParamScheduler& params) {
  stage.steps = steps_of(params);
  stage.start = [highest = params.eta_max, div_factor = params.div_factor,
                 type = stage.type](std::span<double> initial) {
    check_group_count(highest, initial.size(), type + "'s eta_max");
    for (std::size_t i = 0; i < initial.size(); ++i)
      initial[i] = value_for_group(highest, i) / div_factor;
  };
}

}  // namespace pinfeed
