// SPDX-License-Identifier: Apache-2.0
#include <csignal>

#include "tests/train/given_scores.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

const std::string with_best =
    with(settings,
         "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=1, save_best='auto')");

struct ValidatedRun : TestRun {
  explicit ValidatedRun(const std::vector<double>& values,
                        const std::string& folder_of_another = "")
      : TestRun(with_best, folder_of_another),
        owned(trainer_of(validated_parts(values), log)),
        validated(*owned) {}

  static TrainParts validated_parts(const std::vector<double>& values) {
    TrainParts made = parts(with_best);
    made.evaluator = std::make_shared<GivenScores>(values);
    return made;
  }

  std::unique_ptr<Trainer> owned;
  Trainer& validated;
};

TEST(Validation, KeepsTheBestCheckpoint) {
  ValidatedRun run({0.2, 0.5, 0.3});
  run.validated.run();
  EXPECT_EQ(
      run.folder.checkpoints(),
      (std::vector<std::string>{"best_coco_bbox_mAP_epoch_2.safetensors", "epoch_1.safetensors",
                                "epoch_2.safetensors", "epoch_3.safetensors"}));
  const std::string json = file_text(run.folder / "run/vis_data/scalars.json");
  EXPECT_NE(json.find("{\"coco/bbox_mAP\": 0.5, \"coco/bbox_mAP_50\": 1, \"data_time\": 0.125, "
                      "\"time\": 0.25, \"step\": 2}"),
            std::string::npos)
      << json;
}

TEST(Validation, RestoresTheBestScoreWhenResumed) {
  ValidatedRun first({0.2, 0.5, 0.3});
  first.validated.run();
  ValidatedRun second({0.4}, first.folder.path());
  second.validated.resume(first.folder / "epoch_2.safetensors");
  second.validated.run();
  EXPECT_TRUE(std::filesystem::exists(first.folder / "best_coco_bbox_mAP_epoch_2.safetensors"));
  EXPECT_FALSE(std::filesystem::exists(first.folder / "best_coco_bbox_mAP_epoch_3.safetensors"));
}

TEST(Validation, RunsFirstInARunResumedAfterAnInterruptedOne) {
  ValidatedRun first({0.2, 0.5, 0.3});
  dynamic_cast<LineModel&>(*first.validated.parts().model).on_step = [steps = 0]() mutable {
    if (++steps == 10) raise(SIGINT);  // in the last step of the second epoch
  };
  const std::string failure = failure_of([&] { first.validated.run(); });
  EXPECT_TRUE(failure.starts_with("error: stopped after iteration 10 of 15; saved ")) << failure;
  ValidatedRun second({0.5, 0.3}, first.folder.path());
  second.validated.resume(*last_checkpoint(first.folder.path()));
  second.validated.run();
  EXPECT_NE(file_text(first.folder / "best_coco_bbox_mAP_epoch_2.safetensors"), "");
}

class StoppedInTheThird : public GivenScores {
 public:
  StoppedInTheThird() : GivenScores({0.2, 0.3, 0.1}) {}
  void begin() override {
    if (++validations_ == 3) raise(SIGTERM);
    GivenScores::begin();
  }

 private:
  int validations_ = 0;
};

TEST(Validation, ThatIsTheLastOneAndWasStoppedLeavesNoFile) {
  TestRun run(with_best);
  TrainParts made = parts(with_best);
  made.evaluator = std::make_shared<StoppedInTheThird>();
  EXPECT_TRUE(failure_of([&] {
                trainer_of(std::move(made), run.log)->run();
              }).starts_with("error: stopped after iteration 15 of 15; saved "));
  EXPECT_TRUE(std::filesystem::exists(run.folder / "iter_15.safetensors"));
  ValidatedRun second({0.1}, run.folder.path());
  second.validated.resume(*last_checkpoint(run.folder.path()));
  second.validated.run();
  EXPECT_EQ(
      run.folder.checkpoints(),
      (std::vector<std::string>{"best_coco_bbox_mAP_epoch_2.safetensors", "epoch_1.safetensors",
                                "epoch_2.safetensors", "epoch_3.safetensors"}));
  EXPECT_EQ(last_checkpoint(run.folder.path()), run.folder / "epoch_3.safetensors");
}

// Ends like kill -9: nothing is saved.
class Killed {};

class KilledInValidation : public GivenScores {
 public:
  KilledInValidation() : GivenScores({0.5}) {}
  Validation finish() override { throw Killed(); }
};

// The schedule and the best score depend on every validation, so a resumed run repeats the one that
// follows its checkpoint.
void expect_same_after_kill_in_validation(const std::string& text) {
  const auto run_with = [&](std::shared_ptr<Evaluator> evaluator, RunLog& log) {
    TrainParts made = parts(text);
    made.evaluator = std::move(evaluator);
    return trainer_of(std::move(made), log);
  };
  const std::vector<double> scores = {0.5, 0.4, 0.3};
  TestRun straight(text);
  const auto whole = run_with(std::make_shared<GivenScores>(scores), straight.log);
  whole->run();

  TestRun killed(text);
  EXPECT_THROW(run_with(std::make_shared<KilledInValidation>(), killed.log)->run(), Killed);
  const auto resumed = run_with(std::make_shared<GivenScores>(scores), killed.log);
  resumed->resume(*last_checkpoint(killed.folder.path()));
  resumed->run();
  EXPECT_EQ(weight_bytes(*resumed->parts().model), weight_bytes(*whole->parts().model));
}

constexpr auto plateau =
    "param_scheduler = dict(type='ReduceOnPlateauLR', monitor='coco/bbox_mAP', rule='greater', "
    "patience=0, factor=0.1)";

TEST(Validation, IsRepeatedWhenTheRunWasKilledInIt) {
  expect_same_after_kill_in_validation(with(settings, plateau));
}

TEST(Validation, IsRepeatedInAnIterationLoop) {
  expect_same_after_kill_in_validation(
      with(with(settings, plateau),
           "train_cfg = dict(by_epoch=False, max_iters=15, val_interval=5)\n"
           "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=5, "
           "by_epoch=False)"));
}

}  // namespace
}  // namespace pinfeed
