// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/simulate.h"

#include "tests/schedule/scheduler_cases.h"

namespace pinfeed {
namespace {

// The table of the schedule of 400 epochs of 100 iterations: computed by mmengine.
TEST(Simulate, GivesTheReferenceScheduleBitForBit) {
  const Value linear = dict({{"type", "LinearLR"},
                             {"start_factor", 0.001},
                             {"begin", 0},
                             {"end", 40},
                             {"convert_to_iter_based", true}});
  const Value cosine = dict({{"type", "CosineAnnealingLR"},
                             {"begin", 40},
                             {"end", 400},
                             {"eta_min", 4e-5},
                             {"convert_to_iter_based", true}});
  const TrainLength length = {.max_epochs = 400, .epoch_length = 100};
  Schedule schedule(read_schedulers(with_scheduler(List{{linear, cosine}}), length),
                    {{.lr = 1.5e-4}});
  std::vector<double> rates;
  simulate(schedule, length, [&](std::int64_t, std::int64_t epoch) {
    EXPECT_EQ(epoch, static_cast<std::int64_t>(rates.size()) / 100);
    rates.push_back(schedule.values()[0].lr);
  });
  ASSERT_EQ(rates.size(), 40000U);
  EXPECT_EQ(rates[0], 1.4999999999999999e-07);
  EXPECT_EQ(rates[1], 1.8747186796699176e-07);
  EXPECT_EQ(rates[3998], 0.00014996252813203052);
  EXPECT_EQ(rates[3999], 0.00014999999999999752);
  EXPECT_EQ(rates[4000], 0.00014999999999999752);
  EXPECT_EQ(rates[4001], 0.00014999999979057306);
  EXPECT_EQ(rates[20000], 0.00010455064977175693);
  EXPECT_EQ(rates[22000], 9.5000000000069557e-05);
  EXPECT_EQ(rates[39998], 4.0000000837697902e-05);
  EXPECT_EQ(rates[39999], 4.0000000209424475e-05);
}

TEST(SchedulePlots, DrawTheWindowsOfTheStagesAsBands) {
  const Value linear = dict({{"type", "LinearLR"}, {"end", 4}, {"convert_to_iter_based", true}});
  const Value momentum = dict({{"type", "MultiStepMomentum"}, {"milestones", List{{2}}}});
  const Schedule schedule(
      read_schedulers(with_scheduler(List{{linear, momentum}}), ten_epochs_of_five),
      {{.lr = 1.0, .momentum = 0.9}});
  const std::vector<Plot> plots =
      schedule_plots({{.length = ten_epochs_of_five, .schedules = {schedule}}}, false);
  ASSERT_EQ(plots.size(), 2U);
  ASSERT_EQ(plots[0].bands.size(), 1U);
  EXPECT_EQ(plots[0].bands[0].name, "LinearLR");
  EXPECT_EQ(plots[0].bands[0].to, 20);
  EXPECT_EQ(plots[0].series[0].y.size(), 50U);
  EXPECT_EQ(plots[1].y_title, "momentum");
  EXPECT_EQ(plots[1].bands[0].to, 50);
}

TEST(SchedulePlots, ShowSeveralConfigsInOnePlot) {
  const Schedule schedule({stage(LinearParamScheduler{})}, {{.lr = 1.0}});
  const ConfigSchedule a = {.title = "a.py", .length = ten_epochs_of_five, .schedules = {schedule}};
  ConfigSchedule b = a;
  b.title = "b.py";
  b.length.epoch_length = 7;
  const std::vector<Plot> plots = schedule_plots({a, b}, false);
  ASSERT_EQ(plots.size(), 1U);
  ASSERT_EQ(plots[0].series.size(), 2U);
  EXPECT_EQ(plots[0].series[1].name, "b.py lr");
  EXPECT_EQ(plots[0].series[1].y.size(), 70U);
  ASSERT_EQ(plots[0].bands.size(), 2U);
  EXPECT_EQ(plots[0].bands[1].name, "b.py LinearParamScheduler");
  EXPECT_FALSE(plots[0].top.has_value());  // their epochs differ
}

TEST(SchedulePlots, DrawGroupsWithEqualValuesOnce) {
  const Schedule schedule({stage(LinearParamScheduler{})}, {{.lr = 1.0}, {.lr = 0.1}, {.lr = 1.0}});
  const std::vector<Plot> plots =
      schedule_plots({{.length = ten_epochs_of_five, .schedules = {schedule}}}, true);
  ASSERT_EQ(plots[0].series.size(), 2U);
  EXPECT_EQ(plots[0].series[1].name, "lr[1]");
}

}  // namespace
}  // namespace pinfeed
