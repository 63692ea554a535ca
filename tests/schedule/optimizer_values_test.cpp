// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/schedule/optimizer_values.h"

#include "tests/schedule/scheduler_cases.h"

namespace pinfeed {
namespace {

Value with_optimizer(std::vector<std::pair<std::string, Value>> entries) {
  return dict({{"optim_wrapper", dict({{"optimizer", dict(std::move(entries))}})}});
}

std::string values_failure(const Value& config) {
  try {
    optimizer_values(config);
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::config);
    return error.message();
  }
  return "no error";
}

TEST(OptimizerValues, AreTheConfigsOrTheDefaultsOfTorch) {
  const GroupValues adam = optimizer_values(
      with_optimizer({{"type", "AdamW"}, {"lr", 1.5e-4}, {"betas", Tuple{{0.8, 0.95}}}}));
  EXPECT_EQ(adam.lr, 1.5e-4);
  EXPECT_EQ(adam.momentum, 0.8);
  EXPECT_EQ(adam.weight_decay, 1e-2);
  const GroupValues sgd = optimizer_values(with_optimizer({{"type", "SGD"}, {"lr", 0.1}}));
  EXPECT_EQ(sgd.momentum, 0.0);
  const GroupValues adagrad = optimizer_values(with_optimizer({{"type", "Adagrad"}, {"lr", 0.1}}));
  EXPECT_FALSE(adagrad.momentum.has_value());
}

TEST(OptimizerValues, OfAnUnknownOptimizerNeedALearningRate) {
  const GroupValues known = optimizer_values(
      with_optimizer({{"type", "Lion"}, {"lr", 1e-4}, {"betas", Tuple{{0.95, 0.98}}}}));
  EXPECT_EQ(known.momentum, 0.95);
  EXPECT_FALSE(known.weight_decay.has_value());
  EXPECT_EQ(values_failure(with_optimizer({{"type", "Lion"}})),
            "error: optim_wrapper.optimizer needs the key 'lr'\n"
            "   at optim_wrapper.optimizer\n");
}

TEST(OptimizerValues, NeedAnOptimizer) {
  EXPECT_EQ(values_failure(dict({})), "error: the config has no optim_wrapper\n");
}

TEST(OptimizerValues, TakeNoneAsTheDefaultWeightDecay) {
  const GroupValues adam =
      optimizer_values(with_optimizer({{"type", "AdamW"}, {"weight_decay", {}}}));
  EXPECT_EQ(adam.lr, 1e-3);
  EXPECT_EQ(adam.weight_decay, 1e-2);
}

TEST(OptimizerValues, RefuseANegativeRateAndEmptyBetas) {
  EXPECT_EQ(values_failure(with_optimizer({{"type", "SGD"}, {"lr", -0.1}})),
            "error: lr is -0.1; it must be at least 0\n"
            "   at optim_wrapper.optimizer.lr\n");
  EXPECT_EQ(values_failure(with_optimizer({{"type", "Adam"}, {"betas", List{}}})),
            "error: betas is empty; its first number is the momentum\n"
            "   at optim_wrapper.optimizer.betas\n");
}

TEST(LrScale, IsOneUnlessEnabled) {
  const auto scale = [](Value auto_scale_lr) {
    return lr_scale(dict({{"train_dataloader", dict({{"batch_size", 4}})},
                          {"auto_scale_lr", std::move(auto_scale_lr)}}),
                    2);
  };
  EXPECT_EQ(scale({}), 1.0);
  EXPECT_EQ(scale(dict({{"base_batch_size", 16}})), 1.0);
  EXPECT_EQ(scale(dict({{"base_batch_size", 16}, {"enable", true}})), 0.5);
}

}  // namespace
}  // namespace pinfeed
