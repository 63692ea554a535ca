// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py
// (docs/specs/openmmlab-runtime.md, 1.7).
#include <algorithm>

#include "pinfeed/config/schema.h"
#include "pinfeed/schedule/scheduler_catalog.h"

namespace pinfeed {
namespace {

void describe(Schema<GroupValues>& schema) {
  schema.required("lr", &GroupValues::lr, "learning rate")
      .optional("momentum", &GroupValues::momentum, "momentum, or betas[0]")
      .optional("weight_decay", &GroupValues::weight_decay, "weight decay")
      .optional("initial_lr", &GroupValues::initial_lr, "before any scheduler")
      .optional("initial_momentum", &GroupValues::initial_momentum, "before any scheduler")
      .optional("initial_weight_decay", &GroupValues::initial_weight_decay, "before any scheduler");
}

Schema<GroupValues> group_schema() {
  Schema<GroupValues> schema("a group of the schedule's state");
  describe(schema);
  return schema;
}

const Value& member(const Value& state, std::string_view key) {
  const Value* found = state.find(key);
  if (found == nullptr) {
    throw Error(ErrorKind::data, "the schedule's state has no '" + std::string(key) + "'");
  }
  return *found;
}

const std::vector<Value>& list_member(const Value& state, std::string_view key) {
  const Value& found = member(state, key);
  if (!found.is_sequence()) throw wrong_type(found, std::string(key), "list");
  return found.items();
}

// The settings of a stage, replaced by those of the state where it has them.
Dict merged(const Dict& settings, const Value& state) {
  Dict all = settings;
  for (Dict::Entry& entry : all.entries()) {
    if (const Value* kept = state.find(entry.key.text)) entry.value = *kept;
  }
  return all;
}

PlateauState read_plateau(const Value& state, const std::string& path) {
  return {.best = convert<double>(member(state, "best"), path + ".best"),
          .bad_epochs =
              convert<std::int64_t>(member(state, "num_bad_epochs"), path + ".num_bad_epochs"),
          .cooldown =
              convert<std::int64_t>(member(state, "cooldown_counter"), path + ".cooldown_counter")};
}

}  // namespace

Dict Schedule::state() const {
  List groups;
  const Schema<GroupValues> schema = group_schema();
  for (const GroupValues& group : now_.values) groups.items.push_back(schema.shown(group));
  List schedulers;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    const Progress& progress = now_.progress[i];
    Dict scheduler = stages_[i].settings ? stages_[i].settings->keys : Dict();
    scheduler.set("last_step", progress.last_step);
    scheduler.set("_global_step", progress.global_step);
    scheduler.set("base_values", Converter<std::vector<double>>::shown(initial_[i]));
    if (stages_[i].metric_rule) {
      scheduler.set("best", progress.plateau.best);
      scheduler.set("num_bad_epochs", progress.plateau.bad_epochs);
      scheduler.set("cooldown_counter", progress.plateau.cooldown);
    }
    schedulers.items.push_back(std::move(scheduler));
  }
  Dict state;
  state.set("groups", std::move(groups));
  state.set("param_schedulers", std::move(schedulers));
  return state;
}

void Schedule::load(const Value& state) try {
  const auto& groups = list_member(state, "groups");
  if (groups.size() != now_.values.size()) {
    throw Error(ErrorKind::data, "the schedule's state is of " + std::to_string(groups.size()) +
                                     " parameter groups; the model has " +
                                     std::to_string(now_.values.size()));
  }
  Schedule loaded = *this;
  const auto& schedulers = list_member(state, "param_schedulers");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    loaded.now_.values[i] = group_schema().parse(groups[i], "groups[" + std::to_string(i) + "]");
  }
  for (std::size_t i = 0; i < std::min(stages_.size(), schedulers.size()); ++i) {
    loaded.load_stage(i, schedulers[i]);
  }
  *this = std::move(loaded);
} catch (const Error& error) {
  throw Error(ErrorKind::data, error.text())
      .with_context(ActionContext{"loading the state of the schedule"});
}

void Schedule::load_stage(std::size_t index, const Value& state) {
  const std::string path = "param_schedulers[" + std::to_string(index) + "]";
  Stage& stage = stages_[index];
  if (stage.settings) stage = stage.settings->make(merged(stage.settings->keys, state));
  Progress& progress = now_.progress[index];
  progress.last_step = convert<std::int64_t>(member(state, "last_step"), path + ".last_step");
  progress.global_step =
      convert<std::int64_t>(member(state, "_global_step"), path + "._global_step");
  if (stage.metric_rule) progress.plateau = read_plateau(state, path);
  initial_[index] =
      convert<std::vector<double>>(member(state, "base_values"), path + ".base_values");
  if (initial_[index].size() == now_.values.size()) return;
  throw Error(ErrorKind::data, path + " has " + std::to_string(initial_[index].size()) +
                                   " base_values for " + std::to_string(now_.values.size()) +
                                   " groups");
}

}  // namespace pinfeed
