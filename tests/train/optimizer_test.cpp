// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/optim/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pinfeed/train/optim/accumulation.h"
#include "tests/train/line_model.h"

namespace pinfeed {
namespace {

torch::Tensor parameter(std::vector<float> values) {
  return torch::tensor(values).requires_grad_(true);
}

Optimizer optimizer(UpdateRule rule, const GroupOptions& options, const torch::Tensor& param) {
  return {{.name = rule == UpdateRule::sgd ? "SGD" : "AdamW", .rule = rule, .defaults = options},
          {{.names = {"p"}, .params = {param}, .options = options}}};
}

// Two steps along the gradients 1 and -0.5.
std::vector<double> two_steps(Optimizer& made, torch::Tensor& param) {
  std::vector<double> values;
  for (const double gradient : {1.0, -0.5}) {
    param.mutable_grad() = torch::full_like(param, gradient);
    made.step();
    values.push_back(param[0].item<double>());
  }
  return values;
}

TEST(Sgd, StepsAgainstTheGradientWithMomentumAndDecay) {
  torch::Tensor param = parameter({2.0F});
  Optimizer sgd =
      optimizer(UpdateRule::sgd, {.lr = 0.1, .weight_decay = 0.5, .momentum = 0.9}, param);
  const std::vector<double> values = two_steps(sgd, param);
  EXPECT_NEAR(values[0], 2.0 - 0.1 * 2.0, 1e-6);  // 1 + 0.5 * 2
  EXPECT_NEAR(values[1], 1.8 - 0.1 * (0.9 * 2.0 + (-0.5 + 0.9)), 1e-6);
}

TEST(Sgd, UpdatesLongParametersAsWholeTensors) {
  torch::manual_seed(3);
  const GroupOptions options = {.lr = 0.1, .weight_decay = 0.5, .momentum = 0.9, .nesterov = true};
  torch::Tensor param = torch::randn({3, 40'000}).requires_grad_(true);
  torch::Tensor want = param.detach().clone();
  torch::Tensor buffer;
  Optimizer sgd = optimizer(UpdateRule::sgd, options, param);
  for (int i = 0; i < 3; ++i) {
    param.mutable_grad() = torch::randn_like(want);
    const torch::Tensor direction = param.grad().add(want, 0.5);
    buffer = buffer.defined() ? buffer.mul(0.9).add(direction) : direction;
    want = want.add(direction.add(buffer, 0.9), -0.1);
    sgd.step();
  }
  EXPECT_TRUE(torch::equal(param, want));
}

// Updated in parts by several threads, and as whole tensors where the memory has another order.
TEST(Sgd, IsTheSameForEveryOrderOfMemoryAndNumberOfThreads) {
  const int before = at::get_num_threads();
  for (const GroupOptions& options :
       {GroupOptions{.lr = 0.1},
        GroupOptions{.lr = 0.1, .weight_decay = 0.1, .momentum = 0.9, .dampening = 0.5},
        GroupOptions{.lr = 0.1, .momentum = 0.9, .nesterov = true, .maximize = true}}) {
    std::vector<torch::Tensor> results;
    for (const int threads : {1, 4, -1}) {  // -1: gradients in another order of memory
      at::set_num_threads(threads > 0 ? threads : 1);
      torch::manual_seed(5);
      torch::Tensor param = torch::randn({4, 30, 20, 60}).requires_grad_(true);
      Optimizer sgd = optimizer(UpdateRule::sgd, options, param);
      for (int i = 0; i < 3; ++i) {
        const torch::Tensor gradient = torch::randn({4, 30, 20, 60});
        param.mutable_grad() =
            threads > 0 ? gradient : gradient.contiguous(at::MemoryFormat::ChannelsLast);
        sgd.step();
      }
      results.push_back(param.detach().clone());
    }
    EXPECT_TRUE(torch::equal(results[0], results[1]));
    EXPECT_TRUE(torch::equal(results[0], results[2]));
  }
  at::set_num_threads(before);
}

TEST(AdamW, DecaysIndependentlyOfTheGradient) {
  torch::Tensor param = parameter({2.0F});
  Optimizer adamw =
      optimizer(UpdateRule::adamw, {.lr = 0.1, .weight_decay = 0.5, .betas = {0.9, 0.99}}, param);
  const std::vector<double> values = two_steps(adamw, param);
  EXPECT_NEAR(values[0], 2.0 * (1 - 0.05) - 0.1, 1e-6);
  const double mean = (0.9 * 0.1 - 0.1 * 0.5) / (1 - 0.81);
  const double square = (0.99 * 0.01 + 0.01 * 0.25) / (1 - 0.9801);
  EXPECT_NEAR(values[1], values[0] * (1 - 0.05) - 0.1 * mean / std::sqrt(square), 1e-6);
}

TEST(Adam, AddsDecayToTheGradient) {
  torch::Tensor param = parameter({2.0F});
  Optimizer adam = optimizer(UpdateRule::adam, {.lr = 0.1, .weight_decay = 0.5}, param);
  EXPECT_NEAR(two_steps(adam, param)[0], 1.9, 1e-6);  // the first step has the length of lr
}

TEST(Optimizer, DoesNotChangeParametersWithoutGradient) {
  torch::Tensor param = parameter({2.0F});
  Optimizer adamw = optimizer(UpdateRule::adamw, {.lr = 0.1, .weight_decay = 0.5}, param);
  adamw.step();
  EXPECT_EQ(param[0].item<float>(), 2.0F);
  EXPECT_TRUE(adamw.state().empty());
}

TEST(Optimizer, ContinuesFromItsState) {
  torch::Tensor one = parameter({2.0F, -1.0F});
  Optimizer first = optimizer(UpdateRule::adamw, {.lr = 0.1}, one);
  two_steps(first, one);
  torch::Tensor other = one.detach().clone().requires_grad_(true);
  Optimizer second = optimizer(UpdateRule::adamw, {.lr = 0.1}, other);
  second.load(first.state());
  two_steps(first, one);
  two_steps(second, other);
  EXPECT_TRUE(torch::equal(one, other));
}

TEST(Optimizer, RefusesTheStateOfAnotherModel) {
  torch::Tensor param = parameter({2.0F});
  Optimizer adamw = optimizer(UpdateRule::adamw, {.lr = 0.1}, param);
  EXPECT_EQ(failure_of([&] {
              adamw.load({{"q/exp_avg", torch::zeros({1})}});
            }),
            "error: the optimizer's state belongs to another model or another optimizer\n");
  EXPECT_EQ(failure_of([&] {
              adamw.load({{"p/exp_avg", torch::zeros({2})}});
            }),
            "error: the optimizer's state 'p/exp_avg' does not fit the model\n");
}

TEST(Optimizer, RefusesTheStateOfAnotherRuleByName) {
  torch::Tensor param = parameter({2.0F});
  Optimizer adamw = optimizer(UpdateRule::adamw, {.lr = 0.1}, param);
  two_steps(adamw, param);
  Optimizer amsgrad = optimizer(UpdateRule::adamw, {.lr = 0.1, .amsgrad = true}, param);
  two_steps(amsgrad, param);
  Optimizer sgd = optimizer(UpdateRule::sgd, {.lr = 0.1, .momentum = 0.9}, param);
  two_steps(sgd, param);
  EXPECT_EQ(failure_of([&] { sgd.load(adamw.state()); }),
            "error: the optimizer's state has 'p/exp_avg', which SGD does not have\n");
  EXPECT_EQ(failure_of([&] { adamw.load(sgd.state()); }),
            "error: the optimizer's state has 'p/momentum_buffer', which AdamW does not have\n");
  EXPECT_EQ(failure_of([&] { adamw.load(amsgrad.state()); }),
            "error: the optimizer's state has 'p/max_exp_avg_sq', which AdamW without amsgrad does "
            "not have\n");
  EXPECT_EQ(failure_of([&] { amsgrad.load(adamw.state()); }),
            "error: the optimizer's state has no 'p/max_exp_avg_sq', which AdamW with amsgrad=True "
            "needs\n");
}

TEST(Optimizer, AddsABaseGroupAfterSeveralGroups) {
  const torch::Tensor param = parameter({1.0F});
  const ParamGroup low{.names = {"a"}, .params = {param}, .options = {.lr = 0.01}};
  const ParamGroup high{.names = {"b"}, .params = {parameter({1.0F})}, .options = {.lr = 0.1}};
  Optimizer adamw({.rule = UpdateRule::adamw, .defaults = {.lr = 0.1}}, {low, high});
  adamw.scale_lr(0.5);
  const std::vector<GroupValues> values = adamw.values();
  ASSERT_EQ(values.size(), 3U);
  EXPECT_EQ(values[0].lr, 0.005);
  EXPECT_EQ(values[2].lr, 0.1);  // not scaled, as upstream does not
  EXPECT_EQ(values[2].momentum, 0.9);
}

TEST(ClipGradients, BoundsTheNormOfAllGradientsTogether) {
  torch::Tensor a = parameter({0.0F});
  torch::Tensor b = parameter({0.0F});
  a.mutable_grad() = torch::tensor({3.0F});
  b.mutable_grad() = torch::tensor({4.0F});
  const auto norm = clip_gradients({.max_norm = 1.0}, {a, b});
  EXPECT_NEAR(norm->item<double>(), 5.0, 1e-6);
  EXPECT_NEAR(a.grad().item<double>(), 0.6, 1e-5);
  clip_gradients({.type = "value", .clip_value = 0.5}, {a, b});
  EXPECT_NEAR(b.grad().item<double>(), 0.5, 1e-6);
}

TEST(ClipGradients, ThrowsAtNanWithErrorIfNonfinite) {
  torch::Tensor a = parameter({0.0F});
  a.mutable_grad() = torch::tensor({std::nanf("")});
  EXPECT_EQ(failure_of([&] { clip_gradients({.max_norm = 1.0, .error_if_nonfinite = true}, {a}); }),
            "error: the gradients contain inf or nan, and clip_grad has error_if_nonfinite=True\n");
}

TEST(Accumulation, DividesTheLastGroupByItsOwnSize) {
  const Accumulation thirds{.counts = 3, .max_iters = 8};
  EXPECT_EQ(thirds.divisor(5), 3);
  EXPECT_EQ(thirds.divisor(6), 2);
  EXPECT_TRUE(thirds.updates_after(2));
  EXPECT_FALSE(thirds.updates_after(6));
  EXPECT_TRUE(thirds.updates_after(7));
}

}  // namespace
}  // namespace pinfeed
