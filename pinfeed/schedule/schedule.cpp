// SPDX-License-Identifier: Apache-2.0
// Source of the rules: mmengine/optim/scheduler/param_scheduler.py (specs runtime 1.3, 1.6, 1.7).
#include "pinfeed/schedule/schedule.h"

#include <algorithm>

#include "pinfeed/config/schema.h"

namespace pinfeed {

std::string name_of(Parameter parameter) {
  static constexpr const char* names[] = {"lr", "momentum", "weight_decay"};
  return names[static_cast<int>(parameter)];
}

std::optional<double> value_of(const GroupValues& group, Parameter parameter) {
  if (parameter == Parameter::lr) return group.lr;
  return parameter == Parameter::momentum ? group.momentum : group.weight_decay;
}

namespace {

void set_value(GroupValues& group, Parameter parameter, double value) {
  if (parameter == Parameter::lr) group.lr = value;
  if (parameter == Parameter::momentum) group.momentum = value;
  if (parameter == Parameter::weight_decay) group.weight_decay = value;
}

std::optional<double>& initial_of(GroupValues& group, Parameter parameter) {
  if (parameter == Parameter::lr) return group.initial_lr;
  return parameter == Parameter::momentum ? group.initial_momentum : group.initial_weight_decay;
}

// The value that the stage's eta_min_ratio and the like refer to; set by the first stage that asks.
double initial_value(GroupValues& group, const Stage& stage) {
  const std::string name = name_of(stage.parameter);
  const std::optional<double> now = value_of(group, stage.parameter);
  if (!now) {
    throw Error(ErrorKind::config,
                stage.type + " moves " + name + ", which the optimizer does not have");
  }
  std::optional<double>& initial = initial_of(group, stage.parameter);
  if (!initial && stage.last_step >= 0) {
    throw Error(ErrorKind::config, stage.type +
                                       " has last_step=" + std::to_string(stage.last_step) +
                                       ", but the groups have no initial_" + name)
        .help("resume from a checkpoint instead; it holds the schedule's state");
  }
  if (!initial) initial = now;
  return *initial;
}

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

// The settings of a stage with those that the state has in their place.
Dict merged(const Dict& settings, const Value& state) {
  Dict all = settings;
  for (Dict::Entry& entry : all.entries()) {
    if (const Value* kept = state.find(entry.key.text)) entry.value = *kept;
  }
  return all;
}

}  // namespace

Schedule::Schedule(std::vector<Stage> stages, std::vector<GroupValues> groups)
    : stages_(std::move(stages)),
      progress_(stages_.size()),
      values_(std::move(groups)),
      column_(values_.size()) {
  for (std::size_t i = 0; i < stages_.size(); ++i) begin(i);
}

bool Schedule::moves(Parameter parameter) const {
  return std::any_of(stages_.begin(), stages_.end(),
                     [parameter](const Stage& stage) { return stage.parameter == parameter; });
}

void Schedule::begin(std::size_t stage) {
  Progress& progress = progress_[stage];
  progress.taken = stages_[stage].last_step;
  for (GroupValues& group : values_)
    progress.initial.push_back(initial_value(group, stages_[stage]));
  step(stage);
}

void Schedule::step_all(bool by_epoch) {
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    if (stages_[i].by_epoch == by_epoch) step(i);
  }
}

void Schedule::step(std::size_t index) {
  const Stage& stage = stages_[index];
  Progress& progress = progress_[index];
  const double now = static_cast<double>(++progress.step);
  if (now < stage.begin || now >= stage.end) return;
  ++progress.taken;
  for (std::size_t i = 0; i < values_.size(); ++i)
    column_[i] = *value_of(values_[i], stage.parameter);
  stage.rule(progress.taken, progress.initial, column_);
  for (std::size_t i = 0; i < values_.size(); ++i)
    set_value(values_[i], stage.parameter, column_[i]);
}

Dict Schedule::state() const {
  List groups;
  const Schema<GroupValues> schema = group_schema();
  for (const GroupValues& group : values_) groups.items.push_back(schema.shown(group));
  List schedulers;
  for (std::size_t i = 0; i < stages_.size(); ++i) {
    Dict scheduler = stages_[i].settings;
    scheduler.set("last_step", progress_[i].taken);
    scheduler.set("_global_step", progress_[i].step);
    scheduler.set("base_values", Converter<std::vector<double>>::shown(progress_[i].initial));
    schedulers.items.push_back(std::move(scheduler));
  }
  Dict state;
  state.set("groups", std::move(groups));
  state.set("param_schedulers", std::move(schedulers));
  return state;
}

void Schedule::load(const Value& state) try {
  const auto& groups = list_member(state, "groups");
  if (groups.size() != values_.size()) {
    throw Error(ErrorKind::data, "the schedule's state is of " + std::to_string(groups.size()) +
                                     " parameter groups; the model has " +
                                     std::to_string(values_.size()));
  }
  Schedule loaded = *this;
  const auto& schedulers = list_member(state, "param_schedulers");
  for (std::size_t i = 0; i < values_.size(); ++i) {
    loaded.values_[i] = group_schema().parse(groups[i], "groups[" + std::to_string(i) + "]");
  }
  for (std::size_t i = 0; i < std::min(stages_.size(), schedulers.size()); ++i) {
    loaded.load_stage(i, schedulers[i]);
  }
  *this = std::move(loaded);
} catch (const Error& error) {
  throw Error(ErrorKind::data, error.text()).along("loading the state of the schedule");
}

void Schedule::load_stage(std::size_t index, const Value& state) {
  const std::string path = "param_schedulers[" + std::to_string(index) + "]";
  stages_[index] = stages_[index].with(merged(stages_[index].settings, state));
  Progress& progress = progress_[index];
  progress.taken = convert<std::int64_t>(member(state, "last_step"), path + ".last_step");
  progress.step = convert<std::int64_t>(member(state, "_global_step"), path + "._global_step");
  progress.initial =
      convert<std::vector<double>>(member(state, "base_values"), path + ".base_values");
  if (progress.initial.size() != values_.size()) {
    throw Error(ErrorKind::data, path + " has " + std::to_string(progress.initial.size()) +
                                     " base_values for " + std::to_string(values_.size()) +
                                     " groups");
  }
}

}  // namespace pinfeed
