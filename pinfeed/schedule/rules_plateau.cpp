// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py, ReduceOnPlateauParamScheduler
// (docs/specs/openmmlab-runtime.md, 1.4).
#include <algorithm>

#include "pinfeed/core/error.h"
#include "pinfeed/schedule/per_group.h"
#include "pinfeed/schedule/schedulers.h"

namespace pinfeed {
namespace {

bool is_better(const ReduceOnPlateauParamScheduler& params, double metric, double best) {
  const double threshold = params.threshold;
  if (params.rule == "less") {
    return metric < (params.threshold_rule == "rel" ? best * (1.0 - threshold) : best - threshold);
  }
  return metric > (params.threshold_rule == "rel" ? best * (threshold + 1.0) : best + threshold);
}

void reduce(const ReduceOnPlateauParamScheduler& params, std::span<double> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double reduced =
        std::max(values[i] * params.factor, value_for_group(params.min_value, i));
    if (values[i] - reduced > params.eps) values[i] = reduced;
  }
}

void update_plateau(const ReduceOnPlateauParamScheduler& params, double metric, PlateauState& state,
                    std::span<double> values) {
  if (is_better(params, metric, state.best)) {
    state.best = metric;
    state.bad_epochs = 0;
  } else {
    ++state.bad_epochs;
  }
  if (state.cooldown > 0) {
    --state.cooldown;
    state.bad_epochs = 0;
  }
  if (state.bad_epochs <= params.patience) return;
  reduce(params, values);
  state.cooldown = params.cooldown;
  state.bad_epochs = 0;
}

// The base group, which follows the real groups, takes the last number of a list.
void check_lowest(const ReduceOnPlateauParamScheduler& params, std::size_t groups,
                  const std::string& type) {
  const auto* list = std::get_if<std::vector<double>>(&params.min_value);
  const bool without_base = list != nullptr && list->size() > 1 && list->size() + 1 == groups;
  if (!without_base) check_group_count(params.min_value, groups, type + "'s min_value");
}

}  // namespace

// A step without a metric changes no value.
Rule rule(const ReduceOnPlateauParamScheduler&) { return {}; }

void add_to(Stage& stage, const ReduceOnPlateauParamScheduler& params) {
  constexpr double far = 1e9;  // upstream's best value before the first validation
  stage.monitor = params.monitor;
  stage.plateau.best = params.rule == "less" ? far : -far;
  stage.metric_rule = [params](double metric, PlateauState& state, std::span<double> values) {
    update_plateau(params, metric, state, values);
  };
  stage.start = [params, type = stage.type](std::span<double> initial) {
    check_lowest(params, initial.size(), type);
  };
}

}  // namespace pinfeed
