// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/schedule.h"

#include <gtest/gtest.h>

#include "pinfeed/schedule/scheduler_catalog.h"
#include "tests/count_allocations.h"

namespace pinfeed {
namespace {

Window iterations(double begin, double end) {
  return {.begin = begin, .end = end, .by_epoch = false};
}

// The reference schedule in small: a warm-up over 4 iterations, a cosine over 8.
std::vector<Stage> warmup_and_cosine() {
  return {stage(LinearParamScheduler{.start_factor = 0.001, .window = iterations(0, 4)}),
          stage(CosineAnnealingParamScheduler{.eta_min = 4e-5, .window = iterations(4, 12)})};
}

std::vector<GroupValues> groups() { return {{.lr = 1.5e-4}, {.lr = 3e-5}}; }

std::vector<double> rates(Schedule& schedule, int steps) {
  std::vector<double> seen;
  for (int i = 0; i < steps; ++i) {
    for (const GroupValues& group : schedule.values()) seen.push_back(group.lr);
    schedule.after_iteration();
  }
  return seen;
}

std::string text_of_error(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

TEST(Schedule, AppliesTheStartFactorToTheFirstIteration) {
  const Schedule schedule(warmup_and_cosine(), groups());
  EXPECT_EQ(schedule.values()[0].lr, 1.5e-4 * 0.001);
  EXPECT_EQ(schedule.values()[1].lr, 3e-5 * 0.001);
}

TEST(Schedule, StepsOnlyStagesOfTheSameUnit) {
  Window epochs = iterations(0, 10);
  epochs.by_epoch = true;
  Schedule schedule({stage(MultiStepParamScheduler{.milestones = {1}, .window = epochs})},
                    {{.lr = 1.0}});
  schedule.after_iteration();
  EXPECT_EQ(schedule.values()[0].lr, 1.0);
  schedule.after_epoch();
  EXPECT_EQ(schedule.values()[0].lr, 0.1);
}

TEST(Schedule, ResumesAtAnyIterationToTheBit) {
  Schedule whole(warmup_and_cosine(), groups());
  const std::vector<double> want = rates(whole, 14);
  for (int stop = 0; stop < 14; ++stop) {
    Schedule first(warmup_and_cosine(), groups());
    std::vector<double> seen = rates(first, stop);
    Schedule second(warmup_and_cosine(), groups());
    second.load(first.state());
    for (const double rate : rates(second, 14 - stop)) seen.push_back(rate);
    EXPECT_EQ(seen, want) << "stopped at " << stop;
  }
}

TEST(Schedule, PrefersTheSettingsOfTheCheckpointToTheConfig) {
  Schedule first(warmup_and_cosine(), groups());
  rates(first, 5);
  const Dict state = first.state();
  std::vector<Stage> edited = warmup_and_cosine();
  edited[1] = stage(
      CosineAnnealingParamScheduler{.T_max = 3.0, .eta_min = 0.1, .window = iterations(1, 5)});
  Schedule second(std::move(edited), groups());
  second.load(state);
  EXPECT_EQ(rates(second, 9), rates(first, 9));
}

TEST(Schedule, StartsAStageWithoutAStateAtTheResume) {
  Schedule first({stage(ConstantParamScheduler{.factor = 0.5, .window = iterations(0, 2)})},
                 {{.lr = 1.0}});
  rates(first, 5);
  Schedule second({stage(ConstantParamScheduler{.factor = 0.5, .window = iterations(0, 2)}),
                   stage(MultiStepParamScheduler{.milestones = {0}, .window = iterations(2, 9)})},
                  {{.lr = 1.0}});
  second.load(first.state());
  EXPECT_EQ(rates(second, 4), (std::vector<double>{1.0, 1.0, 0.1, 0.1}));
}

TEST(Schedule, IgnoresStatesOfMoreStagesThanItHas) {
  Schedule first(warmup_and_cosine(), groups());
  std::vector<Stage> shorter = warmup_and_cosine();
  shorter.pop_back();
  Schedule second(std::move(shorter), groups());
  second.load(first.state());
  EXPECT_EQ(second.values()[0].lr, first.values()[0].lr);
}

TEST(Schedule, DoesNotChangeWhenAStateDoesNotFit) {
  Schedule one(warmup_and_cosine(), {{.lr = 1.0}});
  Schedule two(warmup_and_cosine(), groups());
  rates(two, 3);
  const double before = two.values()[0].lr;
  EXPECT_EQ(text_of_error([&] { two.load(one.state()); }),
            "error: the schedule's state is of 1 parameter groups; the model has 2\n"
            "  while loading the state of the schedule\n");
  Dict broken = two.state();
  broken.find("param_schedulers")->items()[1].dict().erase("_global_step");
  EXPECT_EQ(text_of_error([&] { two.load(broken); }),
            "error: the schedule's state has no '_global_step'\n"
            "  while loading the state of the schedule\n");
  EXPECT_EQ(two.values()[0].lr, before);
}

TEST(Schedule, NamesAValueThatTheOptimizerDoesNotHave) {
  EXPECT_EQ(text_of_error([] {
              Schedule({stage(LinearParamScheduler{}, Parameter::momentum, "LinearMomentum")},
                       {{.lr = 1.0}});
            }),
            "error: LinearMomentum changes momentum, which the optimizer does not have\n");
}

TEST(Schedule, NeedsInitialValuesForALastStep) {
  Window window = iterations(0, 9);
  window.last_step = 3;
  EXPECT_EQ(text_of_error([&] {
              Schedule({stage(LinearParamScheduler{.window = window}, Parameter::lr, "LinearLR")},
                       {{.lr = 1.0}});
            }),
            "error: LinearLR has last_step=3, but the groups have no initial_lr\n"
            "help: resume from a checkpoint instead; it holds the schedule's state\n");
}

TEST(Schedule, KnowsWhichParametersAreScheduled) {
  const Schedule schedule({stage(LinearParamScheduler{}, Parameter::momentum)},
                          {{.lr = 1.0, .momentum = 0.9}});
  EXPECT_TRUE(schedule.moves(Parameter::momentum));
  EXPECT_FALSE(schedule.moves(Parameter::lr));
}

TEST(Schedule, AllocatesNothingInAStep) {
  Schedule schedule(warmup_and_cosine(), groups());
  const std::int64_t before = test::allocations();
  for (int i = 0; i < 12; ++i) schedule.after_iteration();
  schedule.after_epoch();
  EXPECT_EQ(test::allocations() - before, 0);
}

TEST(Schedule, WarmsUpQuadratically) {
  const QuadraticWarmupParamScheduler warmup = {.window = iterations(0, 4)};
  Schedule schedule({stage(warmup)}, {{.lr = 16.0}});
  EXPECT_EQ(rates(schedule, 6), (std::vector<double>{1, 4, 9, 16, 16, 16}));
}

TEST(Schedule, KeepsAWeightDecayOfZero) {
  const CosineAnnealingWeightDecay cosine = {.eta_min = 0.5, .window = iterations(0, 3)};
  Schedule schedule({stage(cosine)},
                    {{.lr = 1, .weight_decay = 0.0}, {.lr = 1, .weight_decay = 1}});
  schedule.after_iteration();
  EXPECT_EQ(schedule.values()[0].weight_decay, 0.0);
  EXPECT_NEAR(*schedule.values()[1].weight_decay, 0.875, 1e-15);
}

TEST(Schedule, ResumesTheStateOfAPlateau) {
  const auto made = [] {
    return Schedule({stage(ReduceOnPlateauParamScheduler{.monitor = "m", .patience = 1})},
                    {{.lr = 1.0}});
  };
  const std::vector<std::pair<std::string, double>> worse = {{"m", 5.0}};
  Schedule first = made();
  first.after_validation(worse);
  first.after_validation(worse);
  Schedule second = made();
  second.load(first.state());
  second.after_validation(worse);
  EXPECT_EQ(second.values()[0].lr, 0.1);
}

TEST(Schedule, NamesTheAvailableMetrics) {
  Schedule schedule({stage(ReduceOnPlateauParamScheduler{}, Parameter::lr, "ReduceOnPlateauLR")},
                    {{.lr = 1.0}});
  const std::vector<std::pair<std::string, double>> metrics = {{"coco/bbox_mAP", 0.5}, {"x", 1.0}};
  EXPECT_EQ(text_of_error([&] { schedule.after_validation(metrics); }),
            "error: ReduceOnPlateauLR monitors 'loss', which is no metric of the validation\n"
            "help: set monitor to one of its metrics: coco/bbox_mAP, x\n");
}

TEST(Schedule, RefusesAValueThatIsNotFinite) {
  EXPECT_EQ(text_of_error([] {
              Schedule schedule(
                  {stage(ExponentialParamScheduler{.gamma = 1e200, .window = iterations(0, 9)},
                         Parameter::lr, "ExponentialLR")},
                  {{.lr = 1.0}});
              rates(schedule, 9);
            }),
            "error: ExponentialLR sets lr to inf\n");
}

}  // namespace
}  // namespace pinfeed
