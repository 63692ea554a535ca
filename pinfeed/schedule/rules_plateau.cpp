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
    const double reduced = std::max(values[i] * params.factor, of_group(params.min_value, i));
    if (values[i] - reduced > params.eps) values[i] = reduced;
  }
}

void watch_metric(const ReduceOnPlateauParamScheduler& params, double metric, Watch& watch,
                  std::span<double> values) {
  if (is_better(params, metric, watch.best)) {
    watch.best = metric;
    watch.bad_epochs = 0;
  } else {
    ++watch.bad_epochs;
  }
  if (watch.cooldown > 0) {
    --watch.cooldown;
    watch.bad_epochs = 0;
  }
  if (watch.bad_epochs <= params.patience) return;
  reduce(params, values);
  watch.cooldown = params.cooldown;
  watch.bad_epochs = 0;
}

// The base group behind the real ones takes the last number of a list.
void check_lowest(const ReduceOnPlateauParamScheduler& params, std::size_t groups,
                  const std::string& type) {
  const auto* list = std::get_if<std::vector<double>>(&params.min_value);
  const bool without_base = list != nullptr && list->size() > 1 && list->size() + 1 == groups;
  if (!without_base) check_groups(params.min_value, groups, type + "'s min_value");
}

}  // namespace

// Steps without a metric only count.
Rule rule(const ReduceOnPlateauParamScheduler&) { return {}; }

void add_to(Stage& stage, const ReduceOnPlateauParamScheduler& params) {
  constexpr double far = 1e9;  // upstream's number for a best value that is not there yet
  stage.monitor = params.monitor;
  stage.watch.best = params.rule == "less" ? far : -far;
  stage.metric_rule = [params](double metric, Watch& watch, std::span<double> values) {
    watch_metric(params, metric, watch, values);
  };
  stage.start = [params, type = stage.type](std::span<double> initial) {
    check_lowest(params, initial.size(), type);
  };
}

}  // namespace pinfeed
