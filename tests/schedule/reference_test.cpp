// SPDX-License-Identifier: Apache-2.0
// Every reference case, bit for bit.
#include "tests/schedule/reference.h"

#include <gtest/gtest.h>

#include "pinfeed/schedule/read_schedule.h"
#include "pinfeed/schedule/timeline.h"
#include "pinfeed/schedule/warmup_hooks.h"

namespace pinfeed {
namespace {

// The value of a group in torch.optim: the group's own, or the constructor's, or the default.
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

// metrics[e] is the metric after epoch e.
void end_epoch(Schedule& schedule, const Value& test_case, std::int64_t epoch) {
  schedule.after_epoch();
  const Value* metrics = test_case.find("metrics");
  if (metrics == nullptr || epoch >= std::ssize(metrics->items())) return;
  const Value& metric = metrics->items()[static_cast<std::size_t>(epoch)];
  if (metric.is_none()) return;
  const std::vector<std::pair<std::string, double>> measured = {{"loss", number_of(metric)},
                                                                {"acc", number_of(metric)}};
  schedule.after_validation(measured);
}

double tracked(const GroupValues& group, const std::string& name) {
  return name == "lr" ? group.lr : *group.momentum;  // "momentum", "beta1"
}

std::string id_of(const testing::TestParamInfo<Value>& info) { return text_of(info.param, "id"); }

class ScheduleReference : public testing::TestWithParam<Value> {};

TEST_P(ScheduleReference, IsEqualBitForBit) {
  const Value& test_case = GetParam();
  const Value& result = *test_case.find("result");
  const std::int64_t epoch_length = test_case.find("epoch_length")->integer();
  const Value* resume_at = test_case.find("resume_at");
  Schedule schedule = schedule_of(test_case);
  std::int64_t k = 0;
  for (std::size_t row = 0; row < result.find("iter")->items().size(); ++row) {
    for (; k < result.find("iter")->items()[row].integer(); ++k) {
      schedule.after_iteration();
      if ((k + 1) % epoch_length == 0) end_epoch(schedule, test_case, k / epoch_length);
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

INSTANTIATE_TEST_SUITE_P(Cases, ScheduleReference,
                         testing::ValuesIn(reference().find("cases")->items()), id_of);

class TimelineReference : public testing::TestWithParam<Value> {};

// Asked backwards, with few moments kept: each value is what the recursion gives.
TEST_P(TimelineReference, GivesTheSameValuesInAnyOrder) {
  const Value& test_case = GetParam();
  const Value& rows = *test_case.find("result")->find("iter");
  Timeline timeline(schedule_of(test_case), test_case.find("epoch_length")->integer(), 7);
  for (std::size_t row = std::min<std::size_t>(rows.items().size(), 60); row-- > 0;) {
    const auto& values = timeline.value_at(rows.items()[row].integer());
    for (const Value& name : test_case.find("track")->items()) {
      const auto& want = test_case.find("result")->find(name.string())->items()[row].items();
      for (std::size_t group = 0; group < want.size(); ++group)
        ASSERT_EQ(tracked(values[group], name.string()), number_of(want[group]));
    }
  }
}

std::vector<Value> cases_without_metrics() {
  std::vector<Value> kept;
  for (const Value& test_case : reference().find("cases")->items()) {
    if (test_case.find("metrics") == nullptr) kept.push_back(test_case);
  }
  return kept;
}

INSTANTIATE_TEST_SUITE_P(Cases, TimelineReference, testing::ValuesIn(cases_without_metrics()),
                         id_of);

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
    for (int step = 0; step < 10; ++step) {
      schedule.after_epoch();
      schedule.after_validation({});  // no metrics
    }
  };
  const Value* steps = mistake.find("steps");
  if (steps != nullptr && steps->string() == "ok") {
    EXPECT_NO_THROW(build());
  } else {
    EXPECT_THROW(build(), Error);
  }
}

INSTANTIATE_TEST_SUITE_P(Errors, ScheduleMistake,
                         testing::ValuesIn(reference().find("errors")->items()), id_of);

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

TEST_P(RunnerReference, IsEqualBitForBit) {
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

INSTANTIATE_TEST_SUITE_P(Runs, RunnerReference,
                         testing::ValuesIn(reference().find("runner_cases")->items()), id_of);

class HookReference : public testing::TestWithParam<Value> {};

TEST_P(HookReference, IsEqualBitForBit) {
  const Value& test_case = GetParam();
  const std::int64_t epoch_length = test_case.find("epoch_length")->integer();
  const bool yolo = text_of(test_case, "id").find("YOLOv5") != std::string::npos;
  Value hook = *test_case.find("hook");
  hook.dict().set("type", yolo ? "YOLOv5ParamSchedulerHook" : "PPYOLOEParamSchedulerHook");
  const std::vector<Stage> stages =
      hook_stages(hook, "hook", {.epoch_length = epoch_length}, /*has_momentum=*/true);
  std::vector<GroupValues> groups;
  for (const Value& group : test_case.find("groups")->items())
    groups.push_back({.lr = number_of(*group.find("lr")), .momentum = 0.937});
  Schedule schedule(stages, groups);
  for (const char* name : {"lr", "momentum"}) {
    const Value* rows = test_case.find("result")->find(name);
    if (rows == nullptr) continue;
    Timeline timeline(schedule, epoch_length);
    for (std::size_t k = 0; k < rows->items().size(); ++k) {
      const auto& want = rows->items()[k].items();
      for (std::size_t group = 0; group < want.size(); ++group) {
        ASSERT_EQ(tracked(timeline.value_at(static_cast<std::int64_t>(k))[group], name),
                  number_of(want[group]))
            << name << " of group " << group << " at iteration " << k;
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Hooks, HookReference,
                         testing::ValuesIn(reference().find("extension_cases")->items()), id_of);

TEST(ScheduleReference, HasAllCases) {
  EXPECT_EQ(reference().find("cases")->items().size(), 142U);
  EXPECT_EQ(reference().find("runner_cases")->items().size(), 8U);
  EXPECT_EQ(reference().find("extension_cases")->items().size(), 3U);
  EXPECT_EQ(reference().find("errors")->items().size(), 36U);
}

}  // namespace
}  // namespace pinfeed
