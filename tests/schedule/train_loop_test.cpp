// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/train_loop.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/schedule/scheduler_cases.h"

namespace pinfeed {
namespace {

Value with_loop(std::vector<std::pair<std::string, Value>> entries) {
  return dict({{"train_cfg", dict(std::move(entries))}});
}

std::string loop_failure(std::vector<std::pair<std::string, Value>> entries) {
  try {
    read_train_loop(with_loop(std::move(entries)));
  } catch (const Error& error) {
    return error.message();
  }
  return "no error";
}

TEST(TrainLoop, CountsEpochsOrIterations) {
  const Value epochs = with_loop({{"by_epoch", true}, {"max_epochs", 3}});
  EXPECT_EQ(iterations_of(train_length(epochs, 5)), 15);
  EXPECT_EQ(read_train_loop(epochs).val_interval, 1);
  const Value iterations =
      with_loop({{"type", "mmengine.IterBasedTrainLoop"}, {"max_iters", 7}, {"val_begin", 2}});
  EXPECT_EQ(iterations_of(train_length(iterations, std::nullopt)), 7);
  EXPECT_EQ(read_train_loop(iterations).val_interval, 1000);
  EXPECT_EQ(read_train_loop(iterations).val_begin, 2);
}

TEST(TrainLoop, IsChosenByTypeOrByEpochNotByBoth) {
  const std::string help =
      "   at train_cfg\n"
      "help: write by_epoch=True with max_epochs, or by_epoch=False with max_iters\n";
  EXPECT_EQ(loop_failure({{"max_epochs", 2}, {"val_interval", 5}}),
            "error: train_cfg has neither type nor by_epoch\n" + help);
  EXPECT_EQ(loop_failure({{"type", "EpochBasedTrainLoop"}, {"by_epoch", true}, {"max_epochs", 2}}),
            "error: train_cfg has both type and by_epoch\n" + help);
}

TEST(TrainLoop, NamesAnUnknownType) {
  EXPECT_EQ(loop_failure({{"type", "EpochBasedTrainLop"}, {"max_epochs", 1}}),
            "error: there is no loop 'EpochBasedTrainLop'\n"
            "   at train_cfg.type\n"
            "help: did you mean 'EpochBasedTrainLoop'? `pinfeed list loop` shows them all\n");
}

TEST(TrainLoop, RefusesAWrongKeyOrValue) {
  EXPECT_EQ(loop_failure({{"by_epoch", true}, {"max_epochs", 0}}),
            "error: max_epochs is 0; it must be between 1 and 2147483647\n"
            "   at train_cfg.max_epochs\n");
  EXPECT_EQ(loop_failure({{"by_epoch", false}, {"max_iters", 3}, {"val_interval", 0}}),
            "error: val_interval is 0; it must be between 1 and 2147483647\n"
            "   at train_cfg.val_interval\n");
  EXPECT_THAT(loop_failure({{"by_epoch", false}, {"max_epochs", 3}}),
              testing::StartsWith("error: IterBasedTrainLoop has no key 'max_epochs'\n"
                                  "   at train_cfg.max_epochs\n"));
  EXPECT_THAT(loop_failure({{"by_epoch", true}}),
              testing::StartsWith("error: EpochBasedTrainLoop needs the key 'max_epochs'\n"
                                  "   at train_cfg\n"));
}

TEST(TrainLoop, ValidatesAtItsIntervalsAndAfterTheLastEpoch) {
  const TrainLoop loop = {
      .max_epochs = 9, .val_begin = 2, .val_interval = 4, .dynamic_intervals = {{7, 2}}};
  std::vector<int> validated;
  for (int epoch = 1; epoch <= 9; ++epoch)
    if (loop.validates_after(epoch, 9)) validated.push_back(epoch);
  EXPECT_EQ(validated, (std::vector<int>{4, 8, 9}));
}

TEST(TrainLoop, HasNumbersWhoseProductsCanBeCounted) {
  const auto line = [](std::vector<std::pair<std::string, Value>> entries) {
    const std::string message = loop_failure(std::move(entries));
    return message.substr(0, message.find('\n'));
  };
  constexpr std::int64_t most = 2'147'483'647;
  constexpr std::int64_t huge = std::numeric_limits<std::int64_t>::max();
  const std::string from_1 = "; it must be between 1 and 2147483647";
  for (const std::int64_t number : {most + 1, huge}) {
    const std::string is = " is " + std::to_string(number);
    EXPECT_EQ(line({{"by_epoch", true}, {"max_epochs", number}}),
              "error: max_epochs" + is + from_1);
    EXPECT_EQ(line({{"by_epoch", false}, {"max_iters", number}}), "error: max_iters" + is + from_1);
    EXPECT_EQ(line({{"by_epoch", true}, {"max_epochs", 1}, {"val_interval", number}}),
              "error: val_interval" + is + from_1);
    EXPECT_EQ(line({{"by_epoch", true}, {"max_epochs", 1}, {"val_begin", number}}),
              "error: val_begin" + is + "; it must be between 0 and 2147483647");
  }
  EXPECT_EQ(line({{"by_epoch", true},
                  {"max_epochs", 1},
                  {"dynamic_intervals", List{{Tuple{{5, std::int64_t{0}}}}}}}),
            "error: dynamic_intervals has (5, 0); the milestone must be between 0 and 2147483647, "
            "the interval between 1 and 2147483647");
  const Value longest = with_loop({{"by_epoch", true}, {"max_epochs", most}});
  EXPECT_EQ(iterations_of(train_length(longest, most)), most * most);
}

// A RepeatDataset may have 10^12 samples.
TEST(TrainLoop, WithTooManyIterationsIsRefused) {
  const Value config = with_loop({{"by_epoch", true}, {"max_epochs", 2'000'000'000}});
  try {
    train_length(config, 1'000'000'000'000);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.message(),
              "error: max_epochs is 2000000000; with 1000000000000 iterations in an epoch it must "
              "be at most 4611686\n"
              "   at train_cfg.max_epochs\n");
  }
}

}  // namespace
}  // namespace pinfeed
