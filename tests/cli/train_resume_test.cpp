// SPDX-License-Identifier: Apache-2.0
// Trainings that begin with a checkpoint.
#include "pinfeed/core/version.h"
#include "pinfeed/formats/safetensors.h"
#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

TEST_F(Train, SaysWhatOfTheCommandLineAResumedRunIgnores) {
  ASSERT_EQ(run({"train", "tiny.py", "--work-dir", "out", "--seed", "5"}).code, 0);
  const Outcome other = run({"train", "tiny.py", "--work-dir", "out", "--resume", "--seed", "6",
                             "--cfg-options", "train_cfg.max_epochs=2",
                             "optim_wrapper.optimizer.lr=0.5", "load_from=weights.safetensors"});
  ASSERT_EQ(other.code, 0) << other.err;
  for (const char* warning :
       {"WARNING - the seed 5 of out/epoch_1.safetensors is used; the seed 6",
        "WARNING - the optimizer's options of the checkpoint are used, and those of the config are "
        "ignored: lr=0.001 instead of 0.5\n",
        "WARNING - load_from='weights.safetensors' is ignored"}) {
    EXPECT_NE(other.err.find(warning), std::string::npos) << warning << "\n" << other.err;
  }
  const Outcome larger = run({"train", "tiny.py", "--work-dir", "out", "--resume", "--cfg-options",
                              "train_dataloader.batch_size=8"});
  EXPECT_EQ(larger.code, 3);
  EXPECT_NE(larger.err.find("its batches have 4 samples, those of this config 8\nhelp: resume with "
                            "the data set and the batch size of that run, or start a new run from "
                            "its weights: load_from='out/epoch_2.safetensors'\n"),
            std::string::npos)
      << larger.err;
}

TEST_F(Train, LoadsADetectorOfOtherClasses) {
  ASSERT_EQ(run({"train", "tiny.py", "--work-dir", "out"}).code, 0);
  const Outcome fewer = run({"train", "tiny.py", "--work-dir", "fewer", "--cfg-options",
                             "model.bbox_head.num_classes=2", "load_from=out/epoch_1.safetensors",
                             "train_dataloader.dataset.metainfo.classes=(circle,star)",
                             "val_dataloader.dataset.metainfo.classes=(circle,star)"});
  ASSERT_EQ(fewer.code, 0) << fewer.err;
  EXPECT_NE(fewer.err.find(
                "WARNING - 2 tensors of out/epoch_1.safetensors are not loaded, because "
                "their shapes or types differ: 'bbox_head.conv_cls.bias' is (5,) in the file and "
                "(2,) in the model, "),
            std::string::npos)
      << fewer.err;
}

TEST_F(Train, UsesTheCheckpointBeforeADamagedOne) {
  ASSERT_EQ(
      run({"train", "tiny.py", "--work-dir", "out", "--cfg-options", "train_cfg.max_epochs=2"})
          .code,
      0);
  const auto newest = folder_.path() / "out/epoch_2.safetensors";
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) - 1);
  const Outcome named =
      run({"train", "tiny.py", "--work-dir", "out", "--resume", "out/epoch_2.safetensors"});
  EXPECT_EQ(named.code, 3) << named.err;
  const Outcome automatic = run({"train", "tiny.py", "--work-dir", "out", "--resume",
                                 "--cfg-options", "train_cfg.max_epochs=2"});
  ASSERT_EQ(automatic.code, 0) << automatic.err;
  EXPECT_NE(automatic.err.find("WARNING - cannot resume from out/epoch_2.safetensors (tensor "),
            std::string::npos)
      << automatic.err;
  EXPECT_NE(automatic.err.find("resumed from out/epoch_1.safetensors: epoch 1, iteration 2"),
            std::string::npos)
      << automatic.err;
}

TEST_F(Train, RefusesACheckpointOfANewerFormat) {
  ASSERT_EQ(run({"train", "tiny.py", "--work-dir", "out"}).code, 0);
  const std::string path = (folder_.path() / "out/epoch_1.safetensors").string();
  SafetensorsFile file = read_safetensors(path);
  std::erase_if(file.metadata, [](const auto& entry) { return entry.first == "pinfeed.format"; });
  file.metadata.emplace_back("pinfeed.format", "1000");
  write_safetensors(path, file);
  for (const std::vector<std::string>& arguments : std::vector<std::vector<std::string>>{
           {"train", "tiny.py", "--work-dir", "out", "--resume"},
           {"train", "tiny.py", "--work-dir", "new", "--cfg-options",
            "load_from=out/epoch_1.safetensors"},
           {"eval", "tiny.py", "out/epoch_1.safetensors"},
           {"weights", "out/epoch_1.safetensors", "--out", "weights.pth"}}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.code, 3) << arguments.front();
    EXPECT_NE(
        outcome.err.find("out/epoch_1.safetensors was written by a newer pinfeed (" +
                         std::string(headers_version) + "): its format is 1000; this pinfeed (" +
                         headers_version + ") reads formats up to 1\n"),
        std::string::npos)
        << outcome.err;
  }
}

}  // namespace
}  // namespace pinfeed::test
