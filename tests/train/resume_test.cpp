// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

// Stops a run after some iterations and lets another one continue from there.
void expect_same_after_stop_at(std::int64_t stop, const std::string& text) {
  const std::string straight = weights_after(text);
  TestRun first(text);
  std::int64_t steps = 0;
  first.model().on_step = [&] {
    if (++steps == stop) raise(SIGINT);
  };
  EXPECT_EQ(failure_of([&] { first.trainer.run(); }),
            "error: stopped after iteration " + std::to_string(stop) + " of 15; saved " +
                (first.folder / ("iter_" + std::to_string(stop) + ".safetensors")) +
                "\nhelp: resume with: pinfeed train config.py --resume\n");
  TestRun second(text, first.folder.path());
  second.trainer.resume(*last_checkpoint(first.folder.path()));
  EXPECT_EQ(second.trainer.progress().iteration, stop);
  second.trainer.run();
  EXPECT_EQ(second.weights(), straight);
}

TEST(Resume, ContinuesToTheBitInTheMiddleOfAnEpoch) { expect_same_after_stop_at(7, settings); }

TEST(Resume, ContinuesToTheBitAtTheEndOfAnEpoch) { expect_same_after_stop_at(10, settings); }

TEST(Resume, ContinuesToTheBitInsideAnAccumulation) {
  expect_same_after_stop_at(7, with(settings, "optim_wrapper['accumulative_counts'] = 4"));
}

TEST(Resume, ContinuesToTheBitInAnIterationLoop) {
  expect_same_after_stop_at(
      8,
      with(settings,
           "train_cfg = dict(by_epoch=False, max_iters=15)\n"
           "param_scheduler = [dict(type='CosineAnnealingLR', by_epoch=False, begin=0, end=15)]"));
}

TEST(Resume, ContinuesToTheBitWithSgd) {
  expect_same_after_stop_at(6, with(settings,
                                    "optim_wrapper = dict(optimizer=dict(type='SGD', lr=0.01, "
                                    "momentum=0.9, nesterov=True))"));
}

TEST(Resume, ContinuesFromACheckpointOfAnEpochsLastIteration) {
  const std::string text =
      with(settings,
           "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=5, by_epoch=False)");
  TestRun whole(text);
  whole.trainer.run();
  TestRun second(text);
  second.trainer.resume(whole.folder / "iter_5.safetensors");
  second.trainer.run();
  EXPECT_EQ(second.weights(), whole.weights());
}

// With --save-on-term=now the state before the running iteration is saved.
TEST(Resume, ContinuesToTheBitFromADiscardedIteration) {
  for (const char* line : {"", "optim_wrapper['accumulative_counts'] = 4"}) {
    const std::string text = with(settings, line);
    TestRun run(text);
    TrainParts discarding = parts(text);
    discarding.discard_on_stop = true;
    auto& model = dynamic_cast<LineModel&>(*discarding.model);
    const auto first = trainer_of(std::move(discarding), run.log);
    model.on_step = [steps = 0]() mutable {
      if (++steps == 7) raise(SIGTERM);
    };
    EXPECT_TRUE(failure_of([&] {
                  first->run();
                }).starts_with("error: stopped after iteration 6 of 15; saved "));
    TestRun second(text, run.folder.path());
    second.trainer.resume(*last_checkpoint(run.folder.path()));
    EXPECT_EQ(second.trainer.progress().iteration, 6);
    second.trainer.run();
    EXPECT_EQ(second.weights(), weights_after(text));
  }
}

}  // namespace
}  // namespace pinfeed
