// SPDX-License-Identifier: Apache-2.0
// Resuming with another optimizer, schedule or number of threads than the checkpoint's run.
#include "pinfeed/train/optim/optimizer_settings.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

// The path of a checkpoint after two of three epochs of `text`.
struct SavedRun {
  explicit SavedRun(const std::string& text) : run(text) {
    run.trainer.run();
    path = run.folder / "epoch_2.safetensors";
  }
  TestRun run;
  std::string path;
};

std::string with_optimizer(const std::string& optimizer) {
  return with(settings, "optim_wrapper = dict(optimizer=dict(" + optimizer + "))");
}

std::vector<std::string> warnings_of(const TestRun& run) {
  std::vector<std::string> warnings;
  for (const std::string& line : run.lines) {
    const std::size_t at = line.find(" - WARNING - ");
    if (at != std::string::npos) warnings.push_back(line.substr(at + 13));
  }
  return warnings;
}

std::string failure_to_resume(const std::string& saved, const std::string& resumed) {
  const SavedRun first(with_optimizer(saved));
  TestRun second(with_optimizer(resumed));
  std::string failure = failure_of([&] { second.trainer.resume(first.path); });
  const std::string start = "error: cannot resume from " + first.path + ": ";
  EXPECT_TRUE(failure.starts_with(start)) << failure;
  EXPECT_NE(failure.find("\nhelp: resume with the model and the optimizer of that run, or start a "
                         "new run from its weights: load_from='" +
                         first.path + "'\n"),
            std::string::npos)
      << failure;
  return failure.substr(start.size(), failure.find('\n') - start.size());
}

TEST(ResumedOptimizer, OfAnotherTypeIsRefused) {
  EXPECT_EQ(failure_to_resume("type='AdamW', lr=0.05", "type='SGD', lr=0.05, momentum=0.9"),
            "the optimizer's state is that of AdamW; the config has SGD");
  EXPECT_EQ(failure_to_resume("type='SGD', lr=0.05", "type='Adam', lr=0.05"),
            "the optimizer's state is that of SGD; the config has Adam");
  EXPECT_EQ(failure_to_resume("type='Adam', lr=0.05", "type='AdamW', lr=0.05"),
            "the optimizer's state is that of Adam; the config has AdamW");
}

TEST(ResumedOptimizer, WithOtherAmsgradIsRefused) {
  EXPECT_EQ(failure_to_resume("type='AdamW', lr=0.05, amsgrad=True", "type='AdamW', lr=0.05"),
            "the optimizer's state is that of AdamW with amsgrad=True; the config has "
            "amsgrad=False");
  EXPECT_EQ(failure_to_resume("type='AdamW', lr=0.05", "type='AdamW', lr=0.05, amsgrad=True"),
            "the optimizer's state is that of AdamW with amsgrad=False; the config has "
            "amsgrad=True");
}

TEST(ResumedOptimizer, HasTheOptionsOfTheCheckpointAndWarnsOfOthers) {
  const std::string adamw = "type='AdamW', lr=0.05, betas=(0.8, 0.99), weight_decay=0.02";
  const SavedRun first(with_optimizer(adamw));
  TestRun second(
      with_optimizer("type='AdamW', lr=0.2, betas=(0.8, 0.9), weight_decay=0.5, eps=1e-3"));
  second.trainer.resume(first.path);
  EXPECT_EQ(warnings_of(second),
            (std::vector<std::string>{
                "the optimizer's options of the checkpoint are used, and those of the config are "
                "ignored: lr=0.05 instead of 0.2, weight_decay=0.02 instead of 0.5, eps=1e-08 "
                "instead of 0.001, betas=(0.8, 0.99) instead of (0.8, 0.9)"}));
  second.trainer.run();
  EXPECT_EQ(second.weights(), weights_after(with_optimizer(adamw)));
  // The checkpoints of the resumed run have them too.
  TestRun third(with_optimizer(adamw));
  third.trainer.resume(second.folder / "epoch_3.safetensors");
  EXPECT_TRUE(warnings_of(third).empty());
}

TEST(ResumedOptimizer, HasTheMomentumOfTheCheckpoint) {
  const std::string sgd = "type='SGD', lr=0.01, momentum=0.9, nesterov=True";
  const SavedRun first(with_optimizer(sgd));
  TestRun second(with_optimizer("type='SGD', lr=0.01"));
  second.trainer.resume(first.path);
  EXPECT_EQ(warnings_of(second).size(), 1U);
  second.trainer.run();
  EXPECT_EQ(second.weights(), weights_after(with_optimizer(sgd)));
}

TEST(ResumedSchedule, IsThatOfTheCheckpointAndWarnsOfAnother) {
  const SavedRun first(settings);
  TestRun second(with(settings,
                      "param_scheduler = [dict(type='LinearLR', start_factor=0.5, by_epoch=False, "
                      "begin=0, end=4)]"));
  second.trainer.resume(first.path);
  ASSERT_EQ(warnings_of(second).size(), 1U);
  EXPECT_EQ(warnings_of(second)[0],
            "the learning-rate schedule of the checkpoint is continued: "
            "param_scheduler[0].start_factor=0.1 instead of 0.5, 2 schedulers, the config has 1");
}

TEST(ResumedRun, WarnsOfAnotherNumberOfThreads) {
  const SavedRun first(settings);
  const int before = at::get_num_threads();
  at::set_num_threads(before + 1);
  TestRun second;
  second.trainer.resume(first.path);
  at::set_num_threads(before);
  EXPECT_EQ(warnings_of(second),
            (std::vector<std::string>{
                "the checkpoint is of a run with " + std::to_string(before) +
                " threads of torch, this one has " + std::to_string(before + 1) +
                ": the last bits of results may differ from those of an uninterrupted run"}));
}

TEST(ResumedRun, NeedsTheBatchSizeAndWarnsOfAnotherDataSet) {
  const auto parts_with = [](std::int64_t batch_size, std::int64_t images) {
    TrainParts made = parts(settings);
    made.metadata.set("batch_size", batch_size);
    made.metadata.set("images", images);
    return made;
  };
  TestRun run;
  trainer_of(parts_with(2, 10), run.log)->run();
  const std::string path = run.folder / "epoch_1.safetensors";
  const auto second = trainer_of(parts_with(3, 10), run.log);
  EXPECT_EQ(failure_of([&] { second->resume(path); }),
            "error: cannot resume from " + path +
                ": its batches have 2 samples, those of this config 3\n"
                "help: resume with the data set and the batch size of that run, or start a new run "
                "from its weights: load_from='" +
                path + "'\n");
  run.lines.clear();
  trainer_of(parts_with(2, 9), run.log)->resume(path);
  EXPECT_EQ(warnings_of(run),
            (std::vector<std::string>{
                "the data set differs from that of the checkpoint: images 9 instead of 10"}));
}

}  // namespace
}  // namespace pinfeed
