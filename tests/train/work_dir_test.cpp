// SPDX-License-Identifier: Apache-2.0
// Work dirs that another run resumes from, copies of work dirs, and damaged checkpoints.
#include "pinfeed/train/checkpoint/resume_point.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

namespace fs = std::filesystem;

const std::string keep_two =
    with(settings,
         "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=1, max_keep_ckpts=2)");

TEST(WorkDir, OfAnotherRunKeepsItsFiles) {
  TestRun first(keep_two);
  first.trainer.run();
  const std::vector<std::string> files = {"epoch_2.safetensors", "epoch_3.safetensors"};
  ASSERT_EQ(first.folder.checkpoints(), files);
  TestRun second(with(keep_two, "train_cfg = dict(by_epoch=True, max_epochs=6)"));
  second.trainer.resume(first.folder / "epoch_3.safetensors");
  second.trainer.run();
  EXPECT_EQ(first.folder.checkpoints(), files);
  EXPECT_EQ(second.folder.checkpoints(),
            (std::vector<std::string>{"epoch_5.safetensors", "epoch_6.safetensors"}));
}

// A run that was stopped keeps a file of its own, which the next checkpoint replaces.
TEST(WorkDir, OfAStoppedRunKeepsItsFileWhenAnotherRunResumesFromIt) {
  TestRun first(keep_two);
  first.trainer.run();
  std::string stopped;
  {
    CheckpointFiles files(CheckpointHook{.interval = 1}, first.log,
                          [&](const std::vector<CheckpointTarget>& targets, const auto& after) {
                            fs::copy_file(first.folder / "epoch_3.safetensors", targets[0].path);
                            after();
                          });
    stopped = files.save_now(99);
    TestRun second(keep_two);
    CheckpointFiles others(CheckpointHook{.interval = 1}, second.log,
                           [](const auto&, const auto& after) { after(); });
    others.load(Value(files.state()), stopped);
    others.after_epoch(1, 3);
  }
  EXPECT_TRUE(fs::exists(stopped));
}

TEST(WorkDir, ThatWasCopiedResumesFromTheCopy) {
  TestRun first(keep_two);
  first.trainer.run();
  const TestFolder copy;
  fs::copy(first.folder.path(), copy.path(), fs::copy_options::recursive);
  EXPECT_EQ(last_checkpoint(copy.path()), copy / "epoch_3.safetensors");
  TestRun second(with(keep_two, "train_cfg = dict(by_epoch=True, max_epochs=4)"), copy.path());
  second.trainer.resume(*last_checkpoint(copy.path()));
  second.trainer.run();
  EXPECT_EQ(first.folder.checkpoints(),
            (std::vector<std::string>{"epoch_2.safetensors", "epoch_3.safetensors"}));
  EXPECT_EQ(copy.checkpoints(),
            (std::vector<std::string>{"epoch_3.safetensors", "epoch_4.safetensors"}));
}

TEST(WorkDir, IsNotLeftByTheNamesInACheckpoint) {
  TestRun run;
  const TestFolder elsewhere;
  write_atomically(elsewhere / "precious", [](FileWriter& writer) { writer.write("text"); });
  CheckpointFiles files(CheckpointHook{.interval = 1, .max_keep_ckpts = 1}, run.log,
                        [](const auto&, const auto& after) { after(); });
  Dict state;
  state.set("kept", List{{elsewhere / "precious"}});
  state.set("stop", elsewhere / "precious");
  files.load(Value(state), run.folder / "epoch_1.safetensors");
  files.after_epoch(2, 3);
  EXPECT_TRUE(fs::exists(elsewhere / "precious"));
}

struct ResumeChoice {
  std::string path = {};  // relative to the folder
  std::vector<std::string> warnings = {};
};

ResumeChoice chosen_in(const TestFolder& folder) {
  ResumeChoice choice;
  const auto point = newest_resume_point(
      folder.path(), [&](const std::string& text) { choice.warnings.push_back(text); });
  if (point) choice.path = fs::path(point->path).filename();
  return choice;
}

void flip_last_byte(const std::string& path) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekg(-1, std::ios::end);
  const auto byte = static_cast<char>(file.peek() ^ 1);
  file.seekp(-1, std::ios::end);
  file.put(byte);
}

TEST(ResumePoint, IsTheNewestCheckpoint) {
  TestRun run;
  run.trainer.run();
  const ResumeChoice choice = chosen_in(run.folder);
  EXPECT_EQ(choice.path, "epoch_3.safetensors");
  EXPECT_TRUE(choice.warnings.empty());
  const TestFolder empty;
  EXPECT_EQ(chosen_in(empty).path, "");
}

TEST(ResumePoint, IsTheOneBeforeADamagedCheckpoint) {
  TestRun run;
  run.trainer.run();
  flip_last_byte(run.folder / "epoch_3.safetensors");
  const ResumeChoice choice = chosen_in(run.folder);
  EXPECT_EQ(choice.path, "epoch_2.safetensors");
  EXPECT_EQ(
      choice.warnings,
      (std::vector<std::string>{
          "cannot resume from " + (run.folder / "epoch_3.safetensors") +
          " (the checksum is wrong: the file is damaged); the checkpoint before it is used: " +
          (run.folder / "epoch_2.safetensors")}));
  const std::string second = run.folder / "epoch_2.safetensors";
  fs::resize_file(second, fs::file_size(second) / 2);
  EXPECT_EQ(chosen_in(run.folder).path, "epoch_1.safetensors");
  fs::resize_file(run.folder / "epoch_1.safetensors", 0);
  EXPECT_EQ(failure_of([&] { chosen_in(run.folder); }),
            "error: the checksum is wrong: the file is damaged\n"
            "  while reading " +
                (run.folder / "epoch_3.safetensors") +
                "\nhelp: if another program has changed it on purpose, remove 'xxh3_128' from its "
                "metadata\n");
}

TEST(ResumePoint, DoesNotNeedTheFileThatNamesIt) {
  TestRun run;
  run.trainer.run();
  for (const char* text : {"", "epoch_9.safetensors"}) {
    write_atomically(run.folder / "last_checkpoint", [&](FileWriter& out) { out.write(text); });
    const ResumeChoice choice = chosen_in(run.folder);
    EXPECT_EQ(choice.path, "epoch_3.safetensors");
    EXPECT_EQ(choice.warnings.size(), 1U);
  }
}

TEST(ResumePoint, IsNoFileWithWeightsAlone) {
  TestRun run(
      with(settings, "default_hooks['checkpoint'] = dict(type='CheckpointHook', interval=1)"));
  run.trainer.run();
  fs::remove(run.folder / "last_checkpoint");
  for (const char* name : {"epoch_2.safetensors", "epoch_3.safetensors"}) {
    Checkpoint weights = read_checkpoint(run.folder / name);
    weights.random = torch::Tensor();
    write_checkpoint(run.folder / name, weights);
  }
  EXPECT_EQ(chosen_in(run.folder).path, "epoch_1.safetensors");
}

TEST(Checkpoint, ThatIsDamagedIsRefusedWhenItIsNamed) {
  TestRun run;
  run.trainer.run();
  flip_last_byte(run.folder / "epoch_3.safetensors");
  TestRun second;
  EXPECT_TRUE(failure_of([&] {
                second.trainer.resume(run.folder / "epoch_3.safetensors");
              }).starts_with("error: the checksum is wrong: the file is damaged\n"));
}

}  // namespace
}  // namespace pinfeed
