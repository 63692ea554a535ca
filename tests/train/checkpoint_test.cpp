// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/checkpoint/checkpoint.h"

#include "pinfeed/core/file.h"
#include "pinfeed/core/version.h"
#include "pinfeed/formats/safetensors.h"
#include "pinfeed/train/checkpoint/resume_point.h"
#include "tests/limits.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

TEST(Checkpoint, ThatIsMissingIsNamed) {
  TestRun run;
  const std::string path = run.folder / "none.safetensors";
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }),
            "error: cannot read " + path + ": No such file or directory\n");
}

TEST(Checkpoint, ThatIsTruncatedIsNamed) {
  TestRun run;
  run.trainer.run();
  const std::string path = run.folder / "epoch_3.safetensors";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  TestRun second;
  EXPECT_NE(failure_of([&] { second.trainer.resume(path); }).find(path), std::string::npos);
}

TEST(Checkpoint, OfAnotherModelIsRefused) {
  TestRun run;
  Checkpoint other{.weights = {{"backbone.weight", torch::zeros({3, 5})}},
                   .random = random_state()};
  other.state.set("batches_per_epoch", epoch_length);
  const std::string path = run.folder / "other.safetensors";
  write_checkpoint(path, other);
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }),
            "error: cannot resume from " + path +
                ": it belongs to another model: 'backbone.bias' is not in it\n");
}

TEST(Checkpoint, WithoutAStateCannotBeResumed) {
  TestRun run;
  const std::string path = run.folder / "weights.safetensors";
  write_safetensors(path, {.tensors = {{"backbone.bias", Tensor::empty(DType::float32, {3})}}});
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }),
            "error: cannot resume from " + path +
                ": it has weights but not the state of a run\n"
                "help: load_from='" +
                path + "' starts a new run from its weights\n");
}

// Sets texts of the metadata of a checkpoint; an empty one is removed.
void set_metadata(const std::string& path,
                  const std::vector<std::pair<std::string, std::string>>& texts) {
  SafetensorsFile file = read_safetensors(path);
  for (const auto& [key, text] : texts) {
    std::erase_if(file.metadata, [&](const auto& entry) { return entry.first == key; });
    if (!text.empty()) file.metadata.emplace_back(key, text);
  }
  write_safetensors(path, file);
}

TEST(Checkpoint, OfANewerFormatIsRefused) {
  TestRun run;
  run.trainer.run();
  const std::string path = run.folder / "epoch_3.safetensors";
  set_metadata(path, {{"pinfeed.format", "2"}, {"pinfeed.version", "9.1.0"}});
  const std::string refusal =
      "error: " + path +
      " was written by a newer pinfeed (9.1.0): its format is 2; this pinfeed (" + headers_version +
      ") reads formats up to 1\nhelp: use the pinfeed that wrote it, or a newer one\n";
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }), refusal);
  EXPECT_EQ(failure_of([&] { checkpoint_state(path); }), refusal);
  EXPECT_EQ(failure_of([&] { load_weights(run.model(), path); }), refusal);
  // The checkpoint before it is not used in its place.
  EXPECT_EQ(failure_of([&] { newest_resume_point(run.folder.path(), [](const auto&) {}); }),
            refusal);
  set_metadata(path, {{"pinfeed.format", "next"}, {"pinfeed.version", ""}});
  EXPECT_EQ(failure_of([&] { run.trainer.resume(path); }),
            "error: " + path +
                " was written by a newer pinfeed: its format is next; this pinfeed (" +
                headers_version +
                ") reads formats up to 1\nhelp: use the pinfeed that wrote it, or a newer one\n");
}

// Those of older versions of pinfeed, and weights of other programs.
TEST(Checkpoint, WithoutAFormatIsRead) {
  TestRun run;
  run.trainer.run();
  const std::string path = run.folder / "epoch_2.safetensors";
  EXPECT_EQ(read_checkpoint(path).weights.size(), named_tensors(run.model()).size());
  set_metadata(path, {{"pinfeed.format", ""}, {"pinfeed.version", ""}});
  TestRun second;
  second.trainer.resume(path);
  second.trainer.run();
  EXPECT_TRUE(std::filesystem::exists(second.folder / "epoch_3.safetensors"));
}

TEST(Checkpoint, OfOtherEpochsIsRefused) {
  TestRun run;
  run.trainer.run();
  TrainParts shorter = parts(settings);
  shorter.feed = std::make_unique<NumberedFeed>(4);
  const auto second = trainer_of(std::move(shorter), run.log);
  const std::string path = run.folder / "epoch_1.safetensors";
  EXPECT_EQ(failure_of([&] { second->resume(path); }),
            "error: cannot resume from " + path +
                ": its epochs have 5 batches, those of this config 4\n"
                "help: resume with the data set and the batch size of that run, or start a new run "
                "from its weights: load_from='" +
                path + "'\n");
}

TEST(Checkpoint, StaysWholeWhenTheDiskIsFull) {
  TestRun run;
  run.trainer.run();
  const std::string path = run.folder / "epoch_3.safetensors";
  const std::string before = file_text(path);
  std::string failure;
  {
    const test::FileSizeLimit disk(1000);
    failure = failure_of([&] {
      write_checkpoint(path, {.weights = named_tensors(run.model()), .random = random_state()});
    });
  }
  EXPECT_EQ(failure, "error: cannot write " + path + ": File too large\n");
  EXPECT_EQ(file_text(path), before);
  EXPECT_EQ(run.folder.checkpoints().size(), 3U);
}

TEST(WorkDir, ThatCannotBeMadeIsNamed) {
  const TestFolder folder;
  write_atomically(folder / "file", [](FileWriter& writer) { writer.write("text"); });
  EXPECT_EQ(failure_of([&] { RunLog(folder / "file/run", "run", {}); }),
            "error: cannot make the folder " + (folder / "file/run") + ": Not a directory\n");
}

}  // namespace
}  // namespace pinfeed
