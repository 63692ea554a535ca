// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/lint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinfeed {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr TrainLength ten_epochs_of_five = {.max_epochs = 10, .epoch_length = 5};

Dict scheduler(const char* type, std::vector<std::pair<std::string, Value>> entries) {
  Dict made;
  made.set("type", type);
  for (auto& [key, value] : entries) made.set(key, value);
  return made;
}

std::vector<std::string> lint(std::vector<Value> schedulers,
                              const std::vector<GroupValues>& groups = {{.lr = 1.0}}) {
  Dict config;
  config.set("param_scheduler", List{std::move(schedulers)});
  return lint_schedule(config, ten_epochs_of_five, groups);
}

TEST(ScheduleLint, HasNoWarningForAScheduleThatEndsWithTheTraining) {
  EXPECT_THAT(lint({scheduler("CosineAnnealingLR", {{"T_max", 9}, {"eta_min", 0.1}}),
                    scheduler("MultiStepLR", {{"milestones", List{{3}}}})}),
              IsEmpty());
}

TEST(ScheduleLint, WarnsOfALowestValueThatIsNeverReached) {
  EXPECT_THAT(lint({scheduler("CosineAnnealingLR", {{"eta_min", 0.1}})}),
              ElementsAre("param_scheduler[0]: CosineAnnealingLR never reaches its lowest value: "
                          "T_max is 10, the last step is 9, where 2.4 % of the way is left"));
}

// 49 of 50 steps: 0.1 % of the way is left, as every cosine leaves a part of its last step.
TEST(ScheduleLint, HasNoWarningForARemainderBelowOnePercent) {
  EXPECT_THAT(lint({scheduler("CosineAnnealingLR", {{"convert_to_iter_based", true}})}), IsEmpty());
  EXPECT_THAT(lint({scheduler("CosineAnnealingLR", {{"by_epoch", false}, {"end", 15}})}),
              ElementsAre(testing::HasSubstr("where 1.1 % of the way is left")));
  EXPECT_THAT(lint({scheduler("CosineAnnealingLR", {{"by_epoch", false}, {"end", 16}})}),
              IsEmpty());
}

TEST(ScheduleLint, WarnsOfAPeriodThatIsLongerThanTheTraining) {
  EXPECT_THAT(lint({scheduler("CosineAnnealingLR", {{"T_max", 20}})}),
              ElementsAre("param_scheduler[0]: CosineAnnealingLR never reaches its lowest value: "
                          "T_max is 20, the last step is 9, where 58 % of the way is left"));
}

TEST(ScheduleLint, SaysThatAnIterationLoopIsOneEpoch) {
  Dict config;
  config.set("param_scheduler", List{{scheduler("CosineAnnealingLR", {})}});
  const TrainLength forty = {.by_epoch = false, .max_iters = 40};
  EXPECT_THAT(
      lint_schedule(config, forty, {{.lr = 1.0}}),
      ElementsAre("param_scheduler[0]: CosineAnnealingLR never moves: it steps once an epoch, and "
                  "the whole run of an IterBasedTrainLoop is one epoch; use by_epoch=False with "
                  "`end` in iterations"));
}

TEST(ScheduleLint, NamesTheFirstGroupThatRises) {
  EXPECT_THAT(lint({scheduler("PolyLR", {{"eta_min", 0.1}})}, {{.lr = 1.0}, {.lr = 0.01}}),
              ElementsAre("param_scheduler[0]: the lr of group 1, 0.01, rises to eta_min=0.1"));
}

TEST(ScheduleLint, NamesAGap) {
  EXPECT_THAT(
      lint({scheduler("LinearLR", {{"end", 15}, {"by_epoch", false}}),
            scheduler("StepLR", {{"begin", 4}, {"step_size", 2}})}),
      ElementsAre("param_scheduler[1]: no scheduler changes the lr from iteration 15 to 20, where "
                  "StepLR begins"));
}

TEST(ScheduleLint, NamesAnEndAfterTheTraining) {
  EXPECT_THAT(
      lint({scheduler("LinearLR", {{"end", 12}})}),
      ElementsAre("param_scheduler[0]: LinearLR ends at iteration 60, the training ends at 50"));
}

TEST(ScheduleLint, NamesTheSchedulerThatStepsOnceAnEpoch) {
  EXPECT_THAT(lint({scheduler("LinearLR", {{"end", 2}, {"convert_to_iter_based", true}}),
                    scheduler("PolyLR", {{"begin", 2}})}),
              ElementsAre("param_scheduler[1]: PolyLR steps once an epoch, another one at every "
                          "iteration: convert_to_iter_based=True may be missing"));
}

}  // namespace
}  // namespace pinfeed
