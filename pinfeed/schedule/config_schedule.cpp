// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/config_schedule.h"

#include <algorithm>

namespace pinfeed {
namespace {

bool counts_iterations_of_epochs(const Value& scheduler) {
  const Value* converts = scheduler.find("convert_to_iter_based");
  return converts != nullptr && converts->is_bool() && converts->boolean();
}

}  // namespace

bool needs_epoch_length(const Value& config) {
  if (train_length(config, std::nullopt).by_epoch || warmup_hook(config).hook != nullptr)
    return true;
  const Value* schedulers = config.find("param_scheduler");
  if (schedulers == nullptr) return false;
  if (!schedulers->is_sequence()) return counts_iterations_of_epochs(*schedulers);
  return std::any_of(schedulers->items().begin(), schedulers->items().end(),
                     counts_iterations_of_epochs);
}

GroupValues scaled_values(const Value& config, const ScheduledOptimizer& optimizer) {
  GroupValues group = optimizer.values;
  group.lr = group.lr * lr_scale(config, 1);
  return group;
}

ConfigSchedule config_schedule(const std::string& title, const Value& config,
                               const TrainLength& length) {
  ConfigSchedule schedule{.title = title, .length = length};
  for (const ScheduledOptimizer& optimizer : scheduled_optimizers(config, length)) {
    if (!optimizer.name.empty()) schedule.names.push_back(optimizer.name);
    schedule.schedules.emplace_back(optimizer.stages,
                                    std::vector{scaled_values(config, optimizer)});
  }
  return schedule;
}

}  // namespace pinfeed
