// SPDX-License-Identifier: Apache-2.0
// Every reference case whose schedulers pinfeed has, bit for bit.
#include "tests/schedule/reference.h"

#include <gtest/gtest.h>

#include "pinfeed/schedule/read.h"

namespace pinfeed {
namespace {

// What torch.optim puts into a group: the group's own key, else the constructor's, else its
// default.
std::optional<double> group_number(const Value& group, const Value& defaults,
                                   std::string_view key) {
  if (const Value* own = group.find(key)) return number_of(*own);
  if (const Value* given = defaults.find(key)) return number_of(*given);
  return std::nullopt;
}

std::optional<double> group_momentum(const Value& group, const Value& defaults,
                                     const std::string& type) {
  if (type == "Adagrad") return std::nullopt;
  if (type == "SGD") return group_number(group, defaults, "momentum").value_or(0.0);
  for (const Value* dict : {&group, &defaults}) {
    if (const Value* betas = dict->find("betas")) return number_of(betas->items()[0]);
  }
  return 0.9;
}

std::vector<GroupValues> groups_of(const Value& optimizer) {
  std::vector<GroupValues> groups;
  const Value& defaults = *optimizer.find("defaults");
  std::vector<Value> written = optimizer.find("groups")->items();
  if (optimizer.find("wrapped")->boolean()) written.push_back(defaults);  // the pseudo base group
  for (const Value& group : written) {
    groups.push_back({.lr = group_number(group, defaults, "lr").value_or(1e-3),
                      .momentum = group_momentum(group, defaults, text_of(optimizer, "type")),
                      .initial_lr = group_number(group, Dict{}, "initial_lr")});
  }
  return groups;
}

TrainLength length_of(const Value& written) {
  TrainLength length;
  if (written.is_int()) length.epoch_length = written.integer();
  return length;
}

bool is_known(const Value& scheduler, const SchedulerCatalog& catalog) {
  return catalog.has(text_of(scheduler, "type"));
}

std::vector<Stage> stages_of(const Value& test_case) {
  std::vector<Stage> stages;
  const SchedulerCatalog catalog = builtin_schedulers();
  const TrainLength length = length_of(*test_case.find("epoch_length"));
  for (const Value& scheduler : test_case.find("schedulers")->items()) {
    stages.push_back(catalog.make(scheduler, "param_scheduler", length));
  }
  return stages;
}

Schedule schedule_of(const Value& test_case) {
  return Schedule(stages_of(test_case), groups_of(*test_case.find("optimizer")));
}

double tracked(const GroupValues& group, const std::string& name) {
  return name == "lr" ? group.lr : *group.momentum;  // "momentum", "beta1"
}

std::vector<Value> known_cases() {
  std::vector<Value> known;
  const SchedulerCatalog catalog = builtin_schedulers();
  for (const Value& test_case : reference().find("cases")->items()) {
    const auto& schedulers = test_case.find("schedulers")->items();
    if (std::all_of(schedulers.begin(), schedulers.end(),
                    [&](const Value& scheduler) { return is_known(scheduler, catalog); })) {
      known.push_back(test_case);
    }
  }
  return known;
}

std::string id_of(const testing::TestParamInfo<Value>& info) { return text_of(info.param, "id"); }

class ScheduleReference : public testing::TestWithParam<Value> {};

TEST_P(ScheduleReference, IsMetToTheBit) {
  const Value& test_case = GetParam();
  const Value& result = *test_case.find("result");
  const std::int64_t epoch_length = test_case.find("epoch_length")->integer();
  const Value* resume_at = test_case.find("resume_at");
  Schedule schedule = schedule_of(test_case);
  std::int64_t k = 0;
  for (std::size_t row = 0; row < result.find("iter")->items().size(); ++row) {
    for (; k < result.find("iter")->items()[row].integer(); ++k) {
      schedule.after_iteration();
      if ((k + 1) % epoch_length == 0) schedule.after_epoch();
      if (resume_at == nullptr || k + 1 != resume_at->integer()) continue;
      const Dict state = schedule.state();
      schedule = schedule_of(test_case);
      schedule.load(state);
    }
    for (const Value& name : test_case.find("track")->items()) {
      const auto& want = result.find(name.string())->items()[row].items();
      ASSERT_EQ(want.size(), schedule.values().size());
      for (std::size_t group = 0; group < want.size(); ++group) {
        ASSERT_EQ(tracked(schedule.values()[group], name.string()), number_of(want[group]))
            << name.string() << " of group " << group << " at iteration " << k;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, ScheduleReference, testing::ValuesIn(known_cases()), id_of);

TEST(ScheduleReference, HoldsAtLeastTheCasesOfTheFirstFourSchedulers) {
  EXPECT_GE(known_cases().size(), 76U);
}

class ScheduleMistake : public testing::TestWithParam<Value> {};

// Upstream fails while building or at a later step; here both are found while building.
TEST_P(ScheduleMistake, IsRefusedWhereUpstreamFails) {
  const Value& mistake = GetParam();
  Dict optimizer;
  optimizer.set("type", *mistake.find("optimizer"));
  optimizer.set("groups", *mistake.find("groups"));
  optimizer.set("defaults", *mistake.find("optimizer_defaults"));
  optimizer.set("wrapped", false);
  const auto build = [&] {
    const TrainLength length = length_of(*mistake.find("epoch_length"));
    Stage stage = builtin_schedulers().make(*mistake.find("scheduler"), "param_scheduler", length);
    Schedule schedule({std::move(stage)}, groups_of(optimizer));
    for (int step = 0; step < 10; ++step) schedule.after_epoch();
  };
  const Value* steps = mistake.find("steps");
  if (steps != nullptr && steps->string() == "ok") {
    EXPECT_NO_THROW(build());
  } else {
    EXPECT_THROW(build(), Error);
  }
}

std::vector<Value> mistakes() {
  std::vector<Value> known;
  const SchedulerCatalog catalog = builtin_schedulers();
  for (const Value& mistake : reference().find("errors")->items()) {
    const Value* steps = mistake.find("steps");
    const bool fails = steps == nullptr || steps->string() != "ok";
    if (fails || is_known(*mistake.find("scheduler"), catalog)) known.push_back(mistake);
  }
  return known;
}

INSTANTIATE_TEST_SUITE_P(Errors, ScheduleMistake, testing::ValuesIn(mistakes()), id_of);

class RunnerReference : public testing::TestWithParam<Value> {};

Value runner_config(const Value& test_case) {
  const Value& written = *test_case.find("config");
  Dict config;
  config.set("train_cfg", *written.find("train_cfg"));
  config.set("optim_wrapper", *written.find("optim"));
  config.set("param_scheduler", *written.find("sch"));
  if (const Value* scale = written.find("auto")) config.set("auto_scale_lr", *scale);
  Dict loader;
  loader.set("batch_size", 4);
  config.set("train_dataloader", std::move(loader));
  return config;
}

// The groups of the paramwise case are two at a tenth, one as it is, one doubled, and the base
// group.
std::vector<GroupValues> runner_groups(const Value& config) {
  GroupValues group = optimizer_values(config);
  group.lr = group.lr * lr_scale(config, 1);
  if (config.find("optim_wrapper")->find("paramwise_cfg") == nullptr) return {group};
  std::vector<GroupValues> groups(5, group);
  groups[0].lr = groups[1].lr = group.lr * 0.1;
  groups[3].lr = group.lr * 2.0;
  return groups;
}

TEST_P(RunnerReference, IsMetToTheBit) {
  const Value& test_case = GetParam();
  const Value config = runner_config(test_case);
  const TrainLength length = train_length(config, test_case.find("epoch_length")->integer());
  Schedule schedule(read_schedulers(config, length), runner_groups(config));
  const auto& rows = test_case.find("train_iter_lr")->items();
  ASSERT_EQ(static_cast<std::int64_t>(rows.size()), iterations_of(length));
  for (std::size_t k = 0; k < rows.size(); ++k) {
    for (std::size_t group = 0; group < rows[k].items().size(); ++group) {
      ASSERT_EQ(schedule.values()[group].lr, number_of(rows[k].items()[group]))
          << "iteration " << k;
    }
    schedule.after_iteration();
    const bool epoch_ends = static_cast<std::int64_t>(k + 1) % *length.epoch_length == 0;
    if (length.by_epoch && epoch_ends) schedule.after_epoch();
  }
}

std::vector<Value> known_runs() {
  std::vector<Value> known;
  const SchedulerCatalog catalog = builtin_schedulers();
  for (const Value& run : reference().find("runner_cases")->items()) {
    const Value& schedulers = *run.find("config")->find("sch");
    const std::vector<Value> list =
        schedulers.is_list() ? schedulers.items() : std::vector<Value>{schedulers};
    if (std::all_of(list.begin(), list.end(),
                    [&](const Value& scheduler) { return is_known(scheduler, catalog); })) {
      known.push_back(run);
    }
  }
  return known;
}

INSTANTIATE_TEST_SUITE_P(Runs, RunnerReference, testing::ValuesIn(known_runs()), id_of);

}  // namespace
}  // namespace pinfeed
