// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "pinfeed/plot/plot.h"
#include "pinfeed/schedule/read_schedule.h"

namespace pinfeed {

/// Steps schedules through a run as the training loop does. `visit` is called for each iteration,
/// while they hold the values it trains with. An iteration loop is one epoch, number 0.
void simulate(std::span<Schedule> schedules, const TrainLength& length,
              const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit);
void simulate(Schedule& schedule, const TrainLength& length,
              const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit);

/// The schedules of a config at their first iteration: one, or one for each named optimizer.
struct ConfigSchedule {
  std::string title = {};
  TrainLength length = {};
  std::vector<std::string> names = {};  // empty: of the only optimizer
  std::vector<Schedule> schedules = {};
};

/// One column of a table: a value of a group of an optimizer.
struct Column {
  std::string name = {};  // "lr", "lr[3]", "generator.lr"
  std::size_t schedule = 0;
  std::size_t group = 0;
  Parameter parameter = Parameter::lr;

  double value(const std::vector<Schedule>& schedules) const {
    return *value_of(schedules[schedule].values()[group], parameter);
  }
};
/// lr of each optimizer, and what else is scheduled; of the first group, or of all.
std::vector<Column> columns_of(const ConfigSchedule& config, bool all_groups);

/// A chart for each parameter that is moved, lr always, over all iterations. Of one config the
/// windows of its first schedule's stages are bands, and groups that begin alike are one curve; of
/// several configs, the lr of each is laid over the others. Schedules are played on copies.
std::vector<Plot> schedule_plots(const std::vector<ConfigSchedule>& configs, bool all_groups);

}  // namespace pinfeed
