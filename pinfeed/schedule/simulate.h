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

/// Steps schedules through a run as the training loop does, and calls `visit` for each iteration
/// while they have the values that it trains with. An iteration loop is one epoch, number 0. Throws
/// Error(config) when the length of an epoch is needed and empty.
void simulate(std::span<Schedule> schedules, const TrainLength& length,
              const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit);
void simulate(Schedule& schedule, const TrainLength& length,
              const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit);

/// The schedules of a config at the first iteration: one, or one for each of several optimizers.
struct ConfigSchedule {
  std::string title = {};
  TrainLength length = {};
  std::vector<std::string> names = {};  // of the optimizers; empty where there is one
  std::vector<Schedule> schedules = {};
};

/// A column of the table of a config: one parameter of one group of an optimizer.
struct ScheduleColumn {
  std::string name = {};  // "lr", "lr[3]", "generator.lr"
  std::size_t schedule = 0;
  std::size_t group = 0;
  Parameter parameter = Parameter::lr;

  double value(const std::vector<Schedule>& schedules) const {
    return *value_of(schedules[schedule].values()[group], parameter);
  }
};
/// Columns for lr of each optimizer, and for each other parameter that is scheduled; of the first
/// group, or of all groups.
std::vector<ScheduleColumn> columns_of(const ConfigSchedule& config, bool all_groups);

/// A plot for lr and one for each other parameter that is scheduled, over all iterations; the note
/// of a single curve is its last value. The windows of the stages are bands; groups with the same
/// initial values are one curve. For several configs there is one plot, with the lr of each. Does
/// not change the schedules.
std::vector<Plot> schedule_plots(const std::vector<ConfigSchedule>& configs, bool all_groups);

}  // namespace pinfeed
