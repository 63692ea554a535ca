// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/loop/trainer.h"

#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

TEST(Trainer, LearnsALine) {
  TestRun run(with(settings, "train_cfg = dict(by_epoch=True, max_epochs=12)"));
  run.trainer.run();
  std::vector<double> losses;
  for (const std::string& line : run.lines) {
    if (run.loss_of(line) >= 0.0) losses.push_back(run.loss_of(line));
  }
  ASSERT_EQ(losses.size(), 24U);
  EXPECT_LT(losses.back(), 0.5 * losses.front());
}

TEST(Trainer, GivesTheSameWeightsForTheSameSeed) {
  EXPECT_EQ(weights_after(settings), weights_after(settings));
}

TEST(Trainer, SavesEachEpochAndTheNameOfTheNewest) {
  TestRun run;
  run.trainer.run();
  EXPECT_EQ(run.folder.checkpoints(),
            (std::vector<std::string>{"epoch_1.safetensors", "epoch_2.safetensors",
                                      "epoch_3.safetensors"}));
  EXPECT_EQ(last_checkpoint(run.folder.path()), run.folder / "epoch_3.safetensors");
}

TEST(Trainer, KeepsTheNewestCheckpoints) {
  TestRun run(
      with(settings,
           "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=2, by_epoch=False, "
           "max_keep_ckpts=2)"));
  run.trainer.run();
  EXPECT_EQ(run.folder.checkpoints(),
            (std::vector<std::string>{"iter_14.safetensors", "iter_15.safetensors"}));
}

TEST(Trainer, WritesOneJsonObjectPerLine) {
  TestRun run;
  run.trainer.run();
  const std::string json = file_text(run.folder / "run/vis_data/scalars.json");
  EXPECT_EQ(std::count(json.begin(), json.end(), '\n'), 6);
  EXPECT_TRUE(json.starts_with("{\"lr\": 0.02")) << json;
  EXPECT_NE(json.find("\"grad_norm\": "), std::string::npos);
  EXPECT_EQ(json, file_text(run.folder / "run/vis_data/run.json"));
}

}  // namespace
}  // namespace pinfeed
