// SPDX-License-Identifier: Apache-2.0
// The iterations of a run without its training.
//
// simulate() is the order of steps that the training loop uses: after each iteration the stages
// that count iterations, and then, at the end of an epoch, those that count epochs. An iteration
// loop has one epoch, which ends with the run. Tables and plots are made in one pass over copies of
// the schedules, because a value depends on all steps before it.
//
// A Schedule has done step 0 when it is made, so groups whose current and initial values are equal
// then stay equal; plots draw such groups once. A table has a column for each group, so that its
// columns can be found by index.
#include "pinfeed/schedule/simulate.h"

#include <fmt/format.h>

#include <algorithm>

namespace pinfeed {
namespace {

// Iterations between calls of after_epoch().
std::int64_t iterations_per_epoch(const TrainLength& length) {
  return length.by_epoch ? *length.epoch_length : iterations_of(length);
}

void add_bands(Plot& plot, const ConfigSchedule& config, Parameter parameter,
               const std::string& prefix) {
  const double total = static_cast<double>(iterations_of(config.length));
  for (const Stage& stage : config.schedules.front().stages()) {
    if (stage.parameter != parameter) continue;
    const double unit =
        stage.by_epoch ? static_cast<double>(iterations_per_epoch(config.length)) : 1;
    const Band band = {prefix + stage.type, stage.begin * unit, std::min(stage.end * unit, total)};
    if (band.from < band.to) plot.bands.push_back(band);
  }
}

bool same_epochs(const std::vector<ConfigSchedule>& configs) {
  return std::all_of(configs.begin(), configs.end(), [&](const ConfigSchedule& config) {
    return config.length.epoch_length == configs.front().length.epoch_length;
  });
}

Plot empty_plot(const std::vector<ConfigSchedule>& configs, Parameter parameter) {
  const ConfigSchedule& first = configs.front();
  Plot plot{.x_title = "iteration", .y_title = name_of(parameter)};
  if (first.length.epoch_length && same_epochs(configs)) {
    plot.top = {.title = "epoch", .factor = 1.0 / static_cast<double>(*first.length.epoch_length)};
  }
  return plot;
}

const GroupValues& group_of(const ScheduleColumn& column, const ConfigSchedule& config) {
  return config.schedules[column.schedule].values()[column.group];
}

bool have_equal_values(const GroupValues& a, const GroupValues& b, Parameter parameter) {
  return value_of(a, parameter) == value_of(b, parameter) && a.initial_lr == b.initial_lr &&
         a.initial_momentum == b.initial_momentum &&
         a.initial_weight_decay == b.initial_weight_decay;
}

bool is_new(const std::vector<ScheduleColumn>& drawn, const ScheduleColumn& column,
            const ConfigSchedule& config) {
  return std::none_of(drawn.begin(), drawn.end(), [&](const ScheduleColumn& other) {
    return other.schedule == column.schedule &&
           have_equal_values(group_of(other, config), group_of(column, config), column.parameter);
  });
}

std::vector<ScheduleColumn> curves_of(const ConfigSchedule& config, Parameter parameter,
                                      bool all_groups) {
  std::vector<ScheduleColumn> drawn;
  for (const ScheduleColumn& column : columns_of(config, all_groups)) {
    if (column.parameter == parameter && is_new(drawn, column, config)) drawn.push_back(column);
  }
  return drawn;
}

void add_curves(Plot& plot, const ConfigSchedule& config,
                const std::vector<ScheduleColumn>& columns, const std::string& prefix) {
  const std::size_t first = plot.series.size();
  for (const ScheduleColumn& column : columns)
    plot.series.push_back({.name = prefix + column.name});
  std::vector<Schedule> schedules = config.schedules;
  simulate(schedules, config.length, [&](std::int64_t iteration, std::int64_t) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      plot.series[first + i].x.push_back(static_cast<double>(iteration));
      plot.series[first + i].y.push_back(columns[i].value(schedules));
    }
  });
}

// The value of the last iteration, with all digits, where one curve is drawn.
std::string last_value(const Plot& plot) {
  if (plot.series.size() != 1 || plot.series.front().y.empty()) return "";
  return fmt::format("last value {:.17g}", plot.series.front().y.back());
}

bool changes(const ConfigSchedule& config, Parameter parameter) {
  return std::any_of(config.schedules.begin(), config.schedules.end(),
                     [&](const Schedule& schedule) { return schedule.moves(parameter); });
}

std::vector<Parameter> scheduled_parameters(const ConfigSchedule& config) {
  std::vector<Parameter> parameters = {Parameter::lr};
  for (const Parameter parameter : {Parameter::momentum, Parameter::weight_decay}) {
    if (changes(config, parameter)) parameters.push_back(parameter);
  }
  return parameters;
}

}  // namespace

void simulate(std::span<Schedule> schedules, const TrainLength& length,
              const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit) {
  const std::int64_t total = iterations_of(length);
  const std::int64_t epoch_length = iterations_per_epoch(length);
  for (std::int64_t k = 0; k < total; ++k) {
    visit(k, k / epoch_length);
    const bool epoch_ends = (k + 1) % epoch_length == 0;
    for (Schedule& schedule : schedules) {
      schedule.after_iteration();
      if (epoch_ends) schedule.after_epoch();
    }
  }
}

void simulate(Schedule& schedule, const TrainLength& length,
              const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit) {
  simulate({&schedule, 1}, length, visit);
}

std::vector<ScheduleColumn> columns_of(const ConfigSchedule& config, bool all_groups) {
  std::vector<ScheduleColumn> columns;
  for (const Parameter parameter : scheduled_parameters(config)) {
    for (std::size_t i = 0; i < config.schedules.size(); ++i) {
      const std::vector<GroupValues>& groups = config.schedules[i].values();
      const std::string name =
          config.names.empty() ? name_of(parameter) : config.names[i] + "." + name_of(parameter);
      for (std::size_t group = 0; group < (all_groups ? groups.size() : 1); ++group) {
        if (!value_of(groups[group], parameter)) continue;
        const std::string index = all_groups ? "[" + std::to_string(group) + "]" : "";
        columns.push_back({name + index, i, group, parameter});
      }
    }
  }
  return columns;
}

std::vector<Plot> schedule_plots(const std::vector<ConfigSchedule>& configs, bool all_groups) {
  std::vector<Parameter> parameters = scheduled_parameters(configs.front());
  if (configs.size() > 1) parameters = {Parameter::lr};
  std::vector<Plot> plots;
  for (const Parameter parameter : parameters) {
    Plot& plot = plots.emplace_back(empty_plot(configs, parameter));
    for (const ConfigSchedule& config : configs) {
      const std::string prefix = configs.size() > 1 ? config.title + " " : "";
      add_bands(plot, config, parameter, prefix);
      add_curves(plot, config, curves_of(config, parameter, all_groups), prefix);
    }
    plot.note = last_value(plot);
  }
  plots.front().title = configs.size() == 1 ? configs.front().title : "";
  return plots;
}

}  // namespace pinfeed
