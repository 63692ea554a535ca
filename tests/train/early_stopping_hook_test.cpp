// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "tests/train/given_scores.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

std::string stopping(const std::string& keys) {
  return with(settings,
              "train_cfg = dict(by_epoch=True, max_epochs=9)\n"
              "custom_hooks = [dict(type='EarlyStoppingHook', monitor='coco/bbox_mAP'" +
                  keys + ")]");
}

struct StoppingRun : TestRun {
  StoppingRun(const std::string& text, std::vector<double> scores,
              const std::string& folder_of_another = "")
      : TestRun(text, folder_of_another) {
    TrainParts made = parts(text);
    scores.resize(20, 0.9);
    made.evaluator = std::make_shared<GivenScores>(std::move(scores));
    trained = trainer_of(std::move(made), log);
  }
  // The reason in the log; empty for a run that was not stopped early.
  std::string reason() const {
    for (const std::string& line : lines) {
      const std::string start = "the training ends: ";
      const std::size_t at = line.find(start);
      if (at != std::string::npos) return line.substr(at + start.size());
    }
    return {};
  }
};

std::int64_t epochs_of(const std::string& keys, const std::vector<double>& scores) {
  StoppingRun run(stopping(keys), scores);
  run.trained->run();
  return run.trained->progress().epoch;
}

TEST(EarlyStopping, EndsAfterValidationsWithoutAnImprovement) {
  EXPECT_EQ(epochs_of(", patience=2, min_delta=0.01", {0.1, 0.2, 0.205, 0.19, 0.9}), 4);
  EXPECT_EQ(epochs_of(", patience=3, min_delta=0.01", {0.1, 0.2, 0.205, 0.19, 0.3, 0.1, 0.1, 0.1}),
            8);
  EXPECT_EQ(epochs_of(", patience=1, min_delta=0.01, rule='less'", {0.5, 0.4, 0.395}), 3);
}

TEST(EarlyStopping, EndsAtTheThreshold) {
  EXPECT_EQ(epochs_of(", stopping_threshold=0.3", {0.1, 0.3, 0.31}), 3);
}

TEST(EarlyStopping, EndsAtAMetricThatIsNotFinite) {
  EXPECT_EQ(epochs_of("", {0.1, std::nan("")}), 2);
}

TEST(EarlyStopping, SaysWhyAndSavesWhatWasReached) {
  StoppingRun run(with(stopping(", patience=1, min_delta=0.01"),
                       "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=5)"),
                  {0.5, 0.5});
  run.trained->run();
  EXPECT_EQ(run.reason(),
            "coco/bbox_mAP has not improved by 0.01 in the last 1 validation; its best value was "
            "0.500");
  EXPECT_EQ(last_checkpoint(run.folder.path()), run.folder / "epoch_2.safetensors");
}

TEST(EarlyStopping, CountsOnWhenResumed) {
  const std::string text = stopping(", patience=3, min_delta=0.01");
  StoppingRun first(text, {0.5, 0.5});
  dynamic_cast<LineModel&>(*first.trained->parts().model).on_step = [steps = 0]() mutable {
    if (++steps == 13) raise(SIGINT);
  };
  EXPECT_THROW(first.trained->run(), Error);
  StoppingRun second(text, {0.5, 0.5, 0.5}, first.folder.path());
  second.trained->resume(*last_checkpoint(first.folder.path()));
  second.trained->run();
  EXPECT_EQ(second.trained->progress().epoch, 4);
  // A run that has ended early stays ended: its last validation is repeated.
  StoppingRun third(text, {0.5}, first.folder.path());
  third.trained->resume(*last_checkpoint(first.folder.path()));
  third.trained->run();
  EXPECT_EQ(third.trained->progress().epoch, 4);
  EXPECT_EQ(third.reason(), second.reason());
}

TEST(EarlyStopping, OfAnotherMetricWarnsOrIsAnError) {
  const auto text = [](const std::string& keys) {
    return with(settings,
                "custom_hooks = [dict(type='EarlyStoppingHook', monitor='acc'" + keys + ")]");
  };
  StoppingRun run(text(""), {0.5});
  run.trained->run();
  EXPECT_EQ(run.trained->progress().epoch, 3);
  StoppingRun strict(text(", strict=True"), {0.5});
  EXPECT_EQ(failure_of([&] { strict.trained->run(); }),
            "error: EarlyStoppingHook: the validation has no 'acc'\n   at custom_hooks\n"
            "help: the metrics are coco/bbox_mAP, coco/bbox_mAP_50\n");
}

TEST(EarlyStopping, NeedsARule) {
  EXPECT_TRUE(failure_of([] {
                parts(
                    with(settings, "custom_hooks = [dict(type='EarlyStoppingHook', monitor='x')]"));
              }).starts_with("error: cannot tell whether a greater or a smaller 'x' is better\n"));
}

}  // namespace
}  // namespace pinfeed
