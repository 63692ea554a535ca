// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/play.h"

#include <algorithm>

namespace pinfeed {
namespace {

// Iterations until after_epoch() is due; an iteration loop is one epoch long.
std::int64_t epoch_of_loop(const TrainLength& length) {
  return length.by_epoch ? *length.epoch_length : iterations_of(length);
}

std::vector<Band> bands_of(const Schedule& schedule, Parameter parameter,
                           const TrainLength& length) {
  const double total = static_cast<double>(iterations_of(length));
  std::vector<Band> bands;
  for (const Stage& stage : schedule.stages()) {
    if (stage.parameter != parameter) continue;
    const double unit = stage.by_epoch ? static_cast<double>(epoch_of_loop(length)) : 1;
    const Band band = {stage.type, stage.begin * unit, std::min(stage.end * unit, total)};
    if (band.from < band.to) bands.push_back(band);
  }
  return bands;
}

Plot empty_plot(const Schedule& schedule, Parameter parameter, const TrainLength& length) {
  Plot plot{.x_title = "iteration",
            .y_title = name_of(parameter),
            .series = {{.name = name_of(parameter)}},
            .bands = bands_of(schedule, parameter, length)};
  if (length.epoch_length) {
    plot.top = {.title = "epoch", .factor = 1.0 / static_cast<double>(*length.epoch_length)};
  }
  return plot;
}

}  // namespace

void play(Schedule& schedule, const TrainLength& length,
          const std::function<void(std::int64_t iteration, std::int64_t epoch)>& visit) {
  const std::int64_t total = iterations_of(length);
  const std::int64_t epoch_length = epoch_of_loop(length);
  for (std::int64_t k = 0; k < total; ++k) {
    visit(k, k / epoch_length);
    schedule.after_iteration();
    if ((k + 1) % epoch_length == 0) schedule.after_epoch();
  }
}

std::vector<Plot> schedule_plots(Schedule schedule, const TrainLength& length) {
  std::vector<Parameter> shown = {Parameter::lr};
  for (const Parameter parameter : {Parameter::momentum, Parameter::weight_decay}) {
    if (schedule.moves(parameter)) shown.push_back(parameter);
  }
  std::vector<Plot> plots;
  for (const Parameter parameter : shown) plots.push_back(empty_plot(schedule, parameter, length));
  play(schedule, length, [&](std::int64_t iteration, std::int64_t) {
    for (std::size_t i = 0; i < shown.size(); ++i) {
      plots[i].series[0].x.push_back(static_cast<double>(iteration));
      plots[i].series[0].y.push_back(*value_of(schedule.values().front(), shown[i]));
    }
  });
  return plots;
}

}  // namespace pinfeed
