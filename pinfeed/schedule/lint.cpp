// SPDX-License-Identifier: Apache-2.0
// Source of the checks: docs/specs/openmmlab-runtime.md, 1.6, 1.10, 2.2, 2.3.
//
// The checks read the written settings and the stages made of them; none simulates the training.
// All positions are converted to iterations, so that stages that count epochs and stages that count
// iterations can be compared.
//  - A cosine takes end - begin - 1 steps, because its first step keeps the value. With the default
//    T_max = end - begin it stops one step before its lowest value; what remains is
//    (1 + cos(pi * (steps - 1) / T_max)) / 2 of the way. Every such schedule has a remainder: with
//    many steps it is far below 1 % and no reason to warn.
//  - eta_min is the same number for all groups, so a group that starts below it rises.
//  - Between the end of one window and the begin of the next the value does not change. Authors
//    seldom intend this.
//  - Stages of one parameter that step at different units are right on their own, but a missing
//    convert_to_iter_based is the usual reason.
#include "pinfeed/schedule/lint.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "pinfeed/config/value/number_text.h"

namespace pinfeed {
namespace {

// A scheduler of the config and the stage made of it.
struct SchedulerEntry {
  const Value* value = nullptr;
  std::string path = {};
  Stage stage = {};
  double unit = 1;  // iterations per step

  double from() const { return stage.begin * unit; }
  double to() const { return stage.end * unit; }
  bool ends() const { return stage.end < Window::forever; }
  bool is(std::string_view family) const { return stage.type.starts_with(family); }
  std::optional<double> number(const std::string& key) const {
    const Value* found = stage.settings->keys.find(key);
    if (found == nullptr || found->is_none()) return std::nullopt;
    return found->is_int() ? static_cast<double>(found->integer()) : found->real();
  }
  bool converts() const {
    const Value* found = value->find("convert_to_iter_based");
    return found != nullptr && found->is_bool() && found->boolean();
  }
};

std::string count(double number) {
  return number == std::trunc(number) ? std::to_string(static_cast<std::int64_t>(number))
                                      : python_text(number);
}

std::string location_of(const SchedulerEntry& entry) {
  const SourceSpan& span = entry.value->span();
  if (!span.known()) return entry.path + ": ";
  return entry.path + " (" + span.source->name + ":" + std::to_string(span.line) + "): ";
}

std::vector<SchedulerEntry> scheduler_entries(const Value& config, const TrainLength& length) {
  const Value* section = config.find("param_scheduler");
  std::vector<SchedulerEntry> all;
  if (section == nullptr || section->is_none() || warmup_hook(config).hook != nullptr) return all;
  const std::vector<Stage> stages = read_schedulers(config, length);
  const double epoch = length.by_epoch ? static_cast<double>(length.epoch_length.value_or(1))
                                       : static_cast<double>(iterations_of(length));
  for (std::size_t i = 0; i < stages.size(); ++i) {
    const bool list = section->is_sequence();
    all.push_back({.value = list ? &section->items()[i] : section,
                   .path = list ? "param_scheduler[" + std::to_string(i) + "]" : "param_scheduler",
                   .stage = stages[i],
                   .unit = stages[i].by_epoch ? epoch : 1});
  }
  return all;
}

// The lowest value of a stage with an absolute eta_min.
std::optional<double> absolute_minimum(const SchedulerEntry& entry) {
  if (!entry.is("CosineAnnealing") && !entry.is("CosineRestart") && !entry.is("Poly")) {
    return std::nullopt;
  }
  if (entry.number("eta_min_ratio")) return std::nullopt;
  return entry.number("eta_min").value_or(0);
}

// `total` is the number of iterations of the training, which ends a scheduler without an end.
void warn_of_unreached_minimum(const SchedulerEntry& entry, double total,
                               std::vector<std::string>& warnings) {
  if (!entry.is("CosineAnnealing")) return;
  const double end = entry.ends() ? entry.stage.end : total / entry.unit;
  const double steps = end - entry.stage.begin;
  if (steps < 1) return;
  const double given = entry.number("T_max").value_or(0);
  const double T = given == 0 ? steps : given;
  constexpr double negligible = 0.01;
  const double left = (1 + std::cos(std::numbers::pi * (steps - 1) / T)) / 2;
  if (steps - 1 >= T || left <= negligible) return;
  warnings.push_back(location_of(entry) + entry.stage.type +
                     " never reaches its lowest value: T_max is " + count(T) +
                     ", the last step is " + count(steps - 1) + ", where " +
                     fmt::format("{:.2g}", left * 100) + " % of the way is left");
}

// A stage that steps once an epoch, in a training that is one epoch. Returns whether it warned.
bool warn_if_still(const SchedulerEntry& entry, const TrainLength& length,
                   std::vector<std::string>& warnings) {
  if (!entry.stage.by_epoch || entry.is("ReduceOnPlateau")) return false;
  const bool one_epoch = length.max_epochs == 1 && entry.is("CosineAnnealing");
  if (length.by_epoch && !one_epoch) return false;
  const std::string why = length.by_epoch ? "the training is one epoch"
                                          : "the whole run of an IterBasedTrainLoop is one epoch";
  warnings.push_back(location_of(entry) + entry.stage.type +
                     " never moves: it steps once an epoch, and " + why +
                     "; use by_epoch=False with `end` in iterations");
  return true;
}

void warn_of_rise(const SchedulerEntry& entry, const std::vector<GroupValues>& groups,
                  std::vector<std::string>& warnings) {
  const std::optional<double> low = absolute_minimum(entry);
  if (!low) return;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const std::optional<double> value = value_of(groups[i], entry.stage.parameter);
    if (!value || *value >= *low) continue;
    const std::string group = groups.size() > 1 ? " of group " + std::to_string(i) : "";
    warnings.push_back(location_of(entry) + "the " + name_of(entry.stage.parameter) + group + ", " +
                       python_text(*value) + ", rises to eta_min=" + python_text(*low));
    return;
  }
}

void warn_of_late_end(const SchedulerEntry& entry, double total,
                      std::vector<std::string>& warnings) {
  if (!entry.ends() || entry.to() <= total) return;
  warnings.push_back(location_of(entry) + entry.stage.type + " ends at iteration " +
                     count(entry.to()) + ", the training ends at " + count(total));
}

void warn_of_gaps(const std::vector<SchedulerEntry>& all, double total,
                  std::vector<std::string>& warnings) {
  for (const SchedulerEntry& entry : all) {
    double covered = -1;  // the latest end of a stage that begins earlier
    for (const SchedulerEntry& other : all) {
      const bool before =
          other.stage.parameter == entry.stage.parameter && other.from() < entry.from();
      if (before) covered = std::max(covered, other.to());
    }
    if (covered < 0 || covered >= entry.from() || entry.from() >= total) continue;
    warnings.push_back(location_of(entry) + "no scheduler changes the " +
                       name_of(entry.stage.parameter) + " from iteration " + count(covered) +
                       " to " + count(entry.from()) + ", where " + entry.stage.type + " begins");
  }
}

void warn_of_unconverted(const std::vector<SchedulerEntry>& all,
                         std::vector<std::string>& warnings) {
  if (std::none_of(all.begin(), all.end(),
                   [](const SchedulerEntry& other) { return other.converts(); }))
    return;
  for (const SchedulerEntry& entry : all) {
    if (!entry.stage.by_epoch || entry.is("ReduceOnPlateau") || entry.is("MultiStep")) continue;
    warnings.push_back(location_of(entry) + entry.stage.type +
                       " steps once an epoch, another one at every iteration: "
                       "convert_to_iter_based=True may be missing");
  }
}

}  // namespace

std::vector<std::string> lint_schedule(const Value& config, const TrainLength& length,
                                       const std::vector<GroupValues>& groups) {
  const double total = static_cast<double>(iterations_of(length));
  const std::vector<SchedulerEntry> all = scheduler_entries(config, length);
  std::vector<std::string> warnings;
  for (const SchedulerEntry& entry : all) {
    if (!warn_if_still(entry, length, warnings)) warn_of_unreached_minimum(entry, total, warnings);
    warn_of_rise(entry, groups, warnings);
    warn_of_late_end(entry, total, warnings);
  }
  warn_of_gaps(all, total, warnings);
  warn_of_unconverted(all, warnings);
  return warnings;
}

}  // namespace pinfeed
