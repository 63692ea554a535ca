// SPDX-License-Identifier: Apache-2.0
// The stages of hooks and their order (docs/specs/openmmlab-runtime.md, 2.1).
#include <gmock/gmock.h>

#include "tests/train/given_scores.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

using testing::ElementsAre;

// Notes each stage that is called.
class Recorder : public Hook {
 public:
  void before_run(Runner&) override { calls.emplace_back("before_run"); }
  void after_run(Runner&) override { calls.emplace_back("after_run"); }
  void before_train(Runner&) override { calls.emplace_back("before_train"); }
  void after_train(Runner&) override { calls.emplace_back("after_train"); }
  void before_train_epoch(Runner&) override { calls.emplace_back("before_train_epoch"); }
  void after_train_epoch(Runner&) override { calls.emplace_back("after_train_epoch"); }
  void before_train_iter(Runner&, const ModelInput&) override {
    calls.emplace_back("before_train_iter");
  }
  void after_train_iter(Runner& runner, const ModelInput&, const StepResult& result) override {
    calls.emplace_back("after_train_iter");
    iterations.push_back(runner.progress.iteration);
    EXPECT_TRUE(result.loss.defined());
    EXPECT_EQ(result.losses.size(), 3U);
  }
  void before_val(Runner&) override { calls.emplace_back("before_val"); }
  void after_val(Runner&) override { calls.emplace_back("after_val"); }
  void before_val_epoch(Runner&) override { calls.emplace_back("before_val_epoch"); }
  void after_val_epoch(Runner&, const Validation& result) override {
    calls.emplace_back("after_val_epoch");
    EXPECT_EQ(result.metrics.front().first, "coco/bbox_mAP");
  }
  void before_val_iter(Runner&) override { calls.emplace_back("before_val_iter"); }
  void after_val_iter(Runner&, const ValidationStep&) override {
    calls.emplace_back("after_val_iter");
  }
  void before_save_checkpoint(Runner&, Checkpoint&) override {
    calls.emplace_back("before_save_checkpoint");
  }
  void after_load_checkpoint(Runner&, const Checkpoint&) override {
    calls.emplace_back("after_load_checkpoint");
  }

  std::vector<std::string> calls = {};
  std::vector<std::int64_t> iterations = {};
};

// A run of `epochs` epochs of one batch with a recorder behind the hooks of the config and before
// the validation.
struct RecordedRun : TestRun {
  explicit RecordedRun(int epochs) {
    TrainParts made = parts(with(settings, "train_cfg = dict(by_epoch=True, max_epochs=" +
                                               std::to_string(epochs) + ")\nparam_scheduler = []"));
    made.feed = std::make_unique<NumberedFeed>(1);
    made.evaluator = std::make_shared<GivenScores>(std::vector<double>(9, 0.5));
    auto hooks = make_hooks(made.hooks);
    hooks.insert(hooks.end() - 1, recorder);
    trained = std::make_unique<Trainer>(std::move(made), std::move(hooks), log);
  }

  std::shared_ptr<Recorder> recorder = std::make_shared<Recorder>();
};

TEST(HookStages, AreCalledInTheOrderOfMmengine) {
  RecordedRun run(1);
  run.trained->run();
  EXPECT_THAT(
      run.recorder->calls,
      ElementsAre("before_run", "before_train", "before_train_epoch", "before_train_iter",
                  "after_train_iter", "before_save_checkpoint", "after_train_epoch", "before_val",
                  "before_val_epoch", "before_val_iter", "after_val_iter", "before_val_iter",
                  "after_val_epoch", "after_val", "after_train", "after_run"));
}

TEST(HookStages, CountWhatIsDone) {
  RecordedRun run(3);
  run.trained->run();
  EXPECT_THAT(run.recorder->iterations, ElementsAre(1, 2, 3));
}

TEST(HookStages, IncludeTheLoadingOfACheckpoint) {
  RecordedRun first(1);
  first.trained->run();
  RecordedRun second(1);
  second.trained->resume(first.folder / "epoch_1.safetensors");
  EXPECT_THAT(second.recorder->calls, ElementsAre("after_load_checkpoint"));
}

// Ends the training after an iteration, and counts in its state.
class Stopper : public Hook {
 public:
  explicit Stopper(std::int64_t last) : last_(last) {}
  void after_train_iter(Runner& runner, const ModelInput&, const StepResult&) override {
    ++seen;
    if (runner.progress.iteration == last_) runner.stop_reason = "enough";
  }
  std::string state_name() const override { return "Stopper"; }
  Dict state() const override {
    Dict state;
    state.set("seen", seen);
    return state;
  }
  void load(const Value& state) override { seen = value_in<std::int64_t>(state, "seen"); }

  std::int64_t seen = 0;

 private:
  std::int64_t last_;
};

struct StoppedRun : TestRun {
  StoppedRun(std::int64_t last, const std::string& text, const std::string& folder_of_another = "")
      : TestRun(text, folder_of_another) {
    TrainParts made = parts(text);
    auto hooks = make_hooks(made.hooks);
    hooks.push_back(stopper = std::make_shared<Stopper>(last));
    hooks.push_back(std::make_shared<Stopper>(99));
    trained = std::make_unique<Trainer>(std::move(made), std::move(hooks), log);
  }

  std::shared_ptr<Stopper> stopper;
};

TEST(Hook, MayEndTheTraining) {
  StoppedRun run(7, settings);
  run.trained->run();
  EXPECT_EQ(run.trained->progress().iteration, 7);
  EXPECT_TRUE(std::any_of(run.lines.begin(), run.lines.end(), [](const std::string& line) {
    return line.ends_with("the training ends: enough");
  }));
  // What was reached is saved, also inside of an epoch.
  EXPECT_EQ(last_checkpoint(run.folder.path()), run.folder / "iter_7.safetensors");
}

TEST(Hook, ContinuesFromItsState) {
  StoppedRun first(7, settings);
  first.trained->run();
  StoppedRun second(9, settings, first.folder.path());
  second.trained->resume(first.folder / "iter_7.safetensors");
  EXPECT_EQ(second.stopper->seen, 7);
  second.trained->run();
  EXPECT_EQ(second.stopper->seen, 9);
}

TEST(Hook, WithADamagedStateIsNotResumed) {
  StoppedRun run(7, settings);
  run.trained->run();
  Checkpoint checkpoint = read_checkpoint(run.folder / "iter_7.safetensors");
  Dict state;
  state.set("seen", "many");
  Dict hooks;
  hooks.set("Stopper", std::move(state));
  checkpoint.state.set("hooks", std::move(hooks));
  write_checkpoint(run.folder / "iter_7.safetensors", checkpoint);
  StoppedRun second(9, settings);
  EXPECT_EQ(failure_of([&] { second.trained->resume(run.folder / "iter_7.safetensors"); }),
            "error: cannot resume from " + (run.folder / "iter_7.safetensors") +
                ": the state of Stopper: seen must be int, not str 'many'\n");
}

std::vector<std::string> order_of(const std::string& lines) {
  std::vector<std::string> names;
  for (const HookSetting& hook : read_hooks(read_config_text(lines, "config.py").root).list)
    names.push_back(
        std::visit([](const auto& params) { return std::string(params.name); }, hook.params));
  return names;
}

TEST(HookOrder, IsThatOfMmengine) {
  EXPECT_THAT(order_of(""), ElementsAre("RuntimeInfoHook", "IterTimerHook", "LoggerHook",
                                        "ParamSchedulerHook", "CheckpointHook"));
  EXPECT_THAT(order_of("custom_hooks = [dict(type='EMAHook'), dict(type='EarlyStoppingHook', "
                       "monitor='coco/bbox_mAP')]"),
              ElementsAre("RuntimeInfoHook", "IterTimerHook", "EMAHook", "LoggerHook",
                          "ParamSchedulerHook", "CheckpointHook", "EarlyStoppingHook"));
}

TEST(HookOrder, FollowsPriorities) {
  EXPECT_THAT(order_of("custom_hooks = [dict(type='EMAHook', priority='VERY_LOW'), "
                       "dict(type='ProfilerHook', priority=5)]"),
              ElementsAre("ProfilerHook", "RuntimeInfoHook", "IterTimerHook", "LoggerHook",
                          "ParamSchedulerHook", "CheckpointHook", "EMAHook"));
  EXPECT_THAT(order_of("default_hooks = dict(logger=dict(type='LoggerHook', priority='lowest'), "
                       "param_scheduler=None)"),
              ElementsAre("RuntimeInfoHook", "IterTimerHook", "CheckpointHook", "LoggerHook"));
}

TEST(HookOrder, RefusesOtherPriorities) {
  EXPECT_EQ(failure_of([] { order_of("custom_hooks = [dict(type='EMAHook', priority=101)]"); }),
            "error: priority is 101; it must be from 0 to 100\n"
            "  --> config.py:1:47\n"
            "   | custom_hooks = [dict(type='EMAHook', priority=101)]\n"
            "   |                                               ^^^\n"
            "   at custom_hooks[0].priority\n");
  EXPECT_TRUE(failure_of([] {
                order_of("custom_hooks = [dict(type='EMAHook', priority='FIRST')]");
              }).starts_with("error: there is no priority 'FIRST'\n"));
}

TEST(HookOrder, ChecksThePrioritiesOfHooksWithoutParameters) {
  EXPECT_EQ(failure_of([] {
              order_of("custom_hooks = [dict(type='NumClassCheckHook', priority='EARLY')]");
            }).substr(0, 36),
            "error: there is no priority 'EARLY'\n");
  EXPECT_TRUE(failure_of([] {
                order_of("custom_hooks = [dict(type='SyncBuffersHook', priority=-1)]");
              }).ends_with("   at custom_hooks[0].priority\n"));
}

// The checkpoint of an iteration contains what the other hooks did in it.
TEST(HookOrder, SavesCheckpointsLastWhateverTheirPriority) {
  const auto averaged = [](const std::string& priority) {
    TestRun run(with(settings,
                     "default_hooks = dict(checkpoint=dict(type='CheckpointHook', interval=1, "
                     "by_epoch=False" +
                         priority + "))\ncustom_hooks = [dict(type='EMAHook', momentum=0.1)]"));
    run.trainer.run();
    return read_checkpoint(run.folder / "iter_15.safetensors").weights.at("head.weight");
  };
  EXPECT_TRUE(torch::equal(averaged(", priority='HIGHEST'"), averaged("")));
}

TEST(Hooks, AreWrittenOnceIfARunHasThemOnce) {
  EXPECT_EQ(failure_of([] {
              order_of(
                  "default_hooks = dict(logger=dict(type='LoggerHook'))\n"
                  "custom_hooks = [dict(type='LoggerHook', interval=5)]");
            }),
            "error: LoggerHook is written twice: as default_hooks.logger and here\n"
            "  --> config.py:2:27\n"
            "   | custom_hooks = [dict(type='LoggerHook', interval=5)]\n"
            "   |                           ^^^^^^^^^^^^\n"
            "   at custom_hooks[0]\n"
            "help: a run has one; put all keys into one of them\n");
  for (const std::string type : {"EMAHook", "CheckpointHook", "CheckInvalidLossHook"}) {
    const std::string hook = "dict(type='" + type + "')";
    EXPECT_TRUE(
        failure_of([&] {
          order_of("custom_hooks = [" + hook + ", " + hook + "]");
        }).starts_with("error: " + type + " is written twice: as custom_hooks[0] and here"));
  }
  EXPECT_EQ(
      order_of("custom_hooks = [dict(type='ProfilerHook'), dict(type='ProfilerHook')]").size(), 7U);
}

}  // namespace
}  // namespace pinfeed
