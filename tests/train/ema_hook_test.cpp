// SPDX-License-Identifier: Apache-2.0
// EMAHook: values of mmengine's averaged models, and what checkpoints and validations contain.
#include <csignal>

#include "tests/train/given_scores.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

std::string with_ema(const std::string& keys) {
  return with(settings, "custom_hooks = [dict(type='EMAHook'" + keys + ")]");
}

const torch::Tensor& weight_in(const Tensors& tensors, const std::string& prefix = "") {
  return tensors.at(prefix + "head.weight");
}

// The averages after a run, computed from the weights after each iteration by `average(step,
// averaged, new)`. The first step copies.
torch::Tensor averaged_by_hand(
    const std::string& text,
    const std::function<void(int, torch::Tensor&, const torch::Tensor&)>& average, int begin = 0) {
  TestRun run(with(text,
                   "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=1, "
                   "by_epoch=False)\ncustom_hooks = []"));
  run.trainer.run();
  torch::Tensor averaged;
  for (int i = 1; i <= 15; ++i) {
    const Checkpoint at =
        read_checkpoint(run.folder / ("iter_" + std::to_string(i) + ".safetensors"));
    const torch::Tensor now = weight_in(at.weights).clone();
    if (i <= begin) continue;
    if (!averaged.defined()) {
      averaged = now;
    } else {
      average(i - begin - 1, averaged, now);
    }
  }
  return averaged;
}

void expect_average(const std::string& text, const torch::Tensor& expected) {
  TestRun run(text);
  run.trainer.run();
  const Checkpoint last = read_checkpoint(run.folder / "epoch_3.safetensors");
  EXPECT_TRUE(torch::equal(weight_in(last.weights), expected))
      << weight_in(last.weights) << expected;
  // The model goes on with its own weights.
  EXPECT_TRUE(torch::equal(weight_in(last.hooks, "EMAHook/"), run.model().head->weight.detach()));
  EXPECT_FALSE(torch::equal(weight_in(last.weights), run.model().head->weight.detach()));
}

TEST(EmaHook, IsExponential) {
  const std::string text = with_ema(", momentum=0.1");
  expect_average(text,
                 averaged_by_hand(text, [](int, torch::Tensor& averaged, const torch::Tensor& now) {
                   averaged.lerp_(now, 0.1);
                 }));
}

TEST(EmaHook, UpdatesAtItsIntervalAfterItsBegin) {
  const std::string text = with_ema(", momentum=0.1, interval=3, begin_iter=5");
  expect_average(text, averaged_by_hand(
                           text,
                           [](int step, torch::Tensor& averaged, const torch::Tensor& now) {
                             if (step % 3 == 0) averaged.lerp_(now, 0.1);
                           },
                           4));
}

TEST(EmaHook, AnnealsTheMomentum) {
  const std::string text = with_ema(", ema_type='MomentumAnnealingEMA', momentum=0.1, gamma=4");
  expect_average(
      text, averaged_by_hand(text, [](int step, torch::Tensor& averaged, const torch::Tensor& now) {
        averaged.lerp_(now, std::max(0.1, 4.0 / (4.0 + step)));
      }));
}

TEST(EmaHook, TakesTheMeanOfAllIterations) {
  const std::string text = with_ema(", ema_type='StochasticWeightAverage'");
  expect_average(
      text, averaged_by_hand(text, [](int step, torch::Tensor& averaged, const torch::Tensor& now) {
        averaged.add_(now - averaged, 1.0 / (step + 1));
      }));
}

TEST(EmaHook, HasTheMomentumOfMmdet) {
  const std::string text = with_ema(", ema_type='ExpMomentumEMA', momentum=0.01, gamma=10");
  expect_average(
      text, averaged_by_hand(text, [](int step, torch::Tensor& averaged, const torch::Tensor& now) {
        const double momentum = 0.99 * std::exp(-(1.0 + step) / 10.0) + 0.01;
        averaged.mul_(1.0 - momentum).add_(now, momentum);
      }));
}

// Notes the weights that are evaluated.
class WeightsSeen : public GivenScores {
 public:
  WeightsSeen() : GivenScores({0.5, 0.6, 0.7}) {}
  std::optional<ValidationStep> step(Model& model) override {
    seen = weight_in(named_tensors(model)).detach().clone();
    return GivenScores::step(model);
  }
  torch::Tensor seen = {};
};

TEST(EmaHook, LetsTheAverageBeValidated) {
  TestRun run(with_ema(", momentum=0.1"));
  TrainParts made = parts(with_ema(", momentum=0.1"));
  const auto evaluator = std::make_shared<WeightsSeen>();
  made.evaluator = evaluator;
  const auto trainer = trainer_of(std::move(made), run.log);
  trainer->run();
  const Checkpoint last = read_checkpoint(run.folder / "epoch_3.safetensors");
  EXPECT_TRUE(torch::equal(evaluator->seen, weight_in(last.weights)));
}

void expect_same_after_stop(std::int64_t stop, const std::string& text) {
  TestRun straight(text);
  straight.trainer.run();
  TestRun first(text);
  first.model().on_step = [&, steps = 0]() mutable {
    if (++steps == stop) raise(SIGTERM);
  };
  EXPECT_THROW(first.trainer.run(), Error);
  TestRun second(text, first.folder.path());
  second.trainer.resume(*last_checkpoint(first.folder.path()));
  second.trainer.run();
  EXPECT_EQ(second.weights(), straight.weights());
  const Checkpoint a = read_checkpoint(straight.folder / "epoch_3.safetensors");
  const Checkpoint b = read_checkpoint(first.folder / "epoch_3.safetensors");
  EXPECT_TRUE(torch::equal(weight_in(a.weights), weight_in(b.weights)));
}

TEST(EmaHook, IsResumedToTheBit) {
  expect_same_after_stop(7, with_ema(", momentum=0.1"));
  expect_same_after_stop(3, with_ema(", momentum=0.1, begin_iter=5, interval=2"));
  expect_same_after_stop(
      8, with_ema(", ema_type='MomentumAnnealingEMA', gamma=4, update_buffers=True"));
}

// Stops while the model has the averages.
class StoppedInValidation : public GivenScores {
 public:
  StoppedInValidation() : GivenScores({0.5}) {}
  std::optional<ValidationStep> step(Model& model) override {
    raise(SIGINT);
    return GivenScores::step(model);
  }
};

TEST(EmaHook, IsResumedToTheBitFromAStopInAValidation) {
  const std::string text = with_ema(", momentum=0.1");
  TestRun straight(text);
  straight.trainer.run();
  TestRun run(text);
  TrainParts made = parts(text);
  made.evaluator = std::make_shared<StoppedInValidation>();
  EXPECT_THROW(trainer_of(std::move(made), run.log)->run(), Error);
  TestRun second(text, run.folder.path());
  second.trainer.resume(*last_checkpoint(run.folder.path()));
  EXPECT_EQ(second.trainer.progress().iteration, 5);
  second.trainer.run();
  EXPECT_EQ(second.weights(), straight.weights());
}

TEST(EmaHook, BeginsWithTheWeightsOfACheckpointWithoutIt) {
  TestRun first;
  first.trainer.run();
  TestRun second(with_ema(", momentum=0.1"));
  second.trainer.resume(first.folder / "epoch_2.safetensors");
  second.trainer.run();
  EXPECT_EQ(second.weights(), first.weights());
  EXPECT_TRUE(std::any_of(second.lines.begin(), second.lines.end(), [](const std::string& line) {
    return line.ends_with(
        "the checkpoint is of a run without EMAHook: the average begins with its "
        "weights");
  }));
}

TEST(EmaHook, RefusesWhatContradicts) {
  const auto failure = [](const std::string& keys) {
    return failure_of([&] { parts(with_ema(keys)); });
  };
  EXPECT_TRUE(failure(", ema_type='EMA'").starts_with("error: there is no ema_type 'EMA'\n"));
  EXPECT_TRUE(
      failure(", begin_iter=1, begin_epoch=1")
          .starts_with("error: begin_iter and begin_epoch are both set; set one of them\n"));
  EXPECT_TRUE(failure(", momentum=1.0").starts_with("error: momentum must be between 0 and 1"));
  EXPECT_TRUE(
      failure(", ema_type='StochasticWeightAverage', momentum=0.1")
          .starts_with("error: StochasticWeightAverage has no momentum: it is a plain mean\n"));
  EXPECT_TRUE(failure(", gamma=3").starts_with("error: ExponentialMovingAverage has no gamma\n"));
  EXPECT_TRUE(failure_of([] {
                weights_after(with_ema(", begin_iter=16"));
              }).starts_with("error: EMAHook begins after the end of the training\n"));
}

}  // namespace
}  // namespace pinfeed
