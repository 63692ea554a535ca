// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py, OneCycleParamScheduler (
// docs/specs/openmmlab-runtime.md, 1.4). The order of the floating-point operations is upstream's.
#include <cmath>
#include <numbers>

#include "pinfeed/config/value/number_text.h"
#include "pinfeed/core/error.h"
#include "pinfeed/schedule/per_group.h"
#include "pinfeed/schedule/schedulers.h"

namespace pinfeed {
namespace {

enum class RenderBuffers { first, highest, lowest };

// A part of the cycle; the last step it covers may be fractional.
struct Phase {
  double end = 0.0;
  RenderBuffers from = RenderBuffers::first;
  RenderBuffers to = RenderBuffers::highest;
};

// What a rule needs of its parameters.
struct Cycle {
  std::vector<Phase> phases = {};
  bool cosine = true;
  PerGroup highest = 0.0;
  double final_div_factor = 1.0;

  double at(RenderBuffers level, double first, std::size_t group) const {
    if (level == RenderBuffers::first) return first;
    return level == RenderBuffers::highest ? of_group(highest, group) : first / final_div_factor;
  }
};

double steps_of(const OneCycleParamScheduler& params) {
  if (params.total_steps) return static_cast<double>(*params.total_steps);
  return params.window.end - params.window.begin;
}

std::vector<Phase> phases_of(const OneCycleParamScheduler& params, double steps) {
  const double top = params.pct_start.value * steps;
  if (params.three_phase) {
    return {{top - 1, RenderBuffers::first, RenderBuffers::highest},
            {2 * top - 2, RenderBuffers::highest, RenderBuffers::first},
            {steps - 1, RenderBuffers::first, RenderBuffers::lowest}};
  }
  return {{top - 1, RenderBuffers::first, RenderBuffers::highest},
          {steps - 1, RenderBuffers::highest, RenderBuffers::lowest}};
}

double annealed(double from, double to, double part, bool cosine) {
  if (!cosine) return (to - from) * part + from;
  return to + (from - to) / 2.0 * (std::cos(std::numbers::pi * part) + 1);
}

void turn(const Cycle& cycle, double n, std::span<const double> first, std::span<double> values) {
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
      .help("let the way up take another number of steps: pct_start * total_steps");
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
    turn(cycle, static_cast<double>(n), initial, values);
  };
}

void in_iterations(OneCycleParamScheduler& params, double epoch_length) {
  if (params.total_steps) {
    params.total_steps = *params.total_steps * static_cast<std::int64_t>(epoch_length);
  }
}

// The first value of the cycle becomes the initial one, whatever that was.
void add_to(Stage& stage, const OneCycleParamScheduler& params) {
  stage.steps = steps_of(params);
  stage.start = [highest = params.eta_max, div_factor = params.div_factor,
                 type = stage.type](std::span<double> initial) {
    check_groups(highest, initial.size(), type + "'s eta_max");
    for (std::size_t i = 0; i < initial.size(); ++i) initial[i] = of_group(highest, i) / div_factor;
  };
}

}  // namespace pinfeed
