// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

namespace fs = std::filesystem;

class Doctor : public Train {
 protected:
  Outcome examine(std::vector<std::string> more = {}) {
    std::vector<std::string> words = {"doctor", "tiny.py", "--seconds", "0.2", "--device", "cpu"};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }

  // The lines that begin so, without what follows the topic.
  static std::vector<std::string> lines_of(const Outcome& outcome, const std::string& level) {
    std::vector<std::string> found;
    std::istringstream text(outcome.out);
    for (std::string line; std::getline(text, line);)
      if (line.starts_with(level)) found.push_back(line);
    return found;
  }
};

TEST_F(Doctor, FindsNothingInTheWayOfAGoodConfig) {
  const Outcome outcome = examine();
  EXPECT_EQ(outcome.code, 0) << outcome.out << outcome.err;
  EXPECT_TRUE(lines_of(outcome, "problem").empty()) << outcome.out;
  for (const char* topic : {"config ", "train data ", "val data ", "device ", "threads ", "disk ",
                            "memory ", "page-locked memory ", "time "}) {
    EXPECT_NE(outcome.out.find(topic), std::string::npos) << topic << outcome.out;
  }
  EXPECT_TRUE(outcome.out.ends_with("nothing stands in the way of this training\n"));
  // It writes nothing.
  EXPECT_FALSE(has("work_dirs"));
}

TEST_F(Doctor, NamesBrokenImages) {
  const fs::path image = fs::directory_iterator(folder_.path() / "shapes/train")->path();
  fs::resize_file(image, 100);
  const Outcome outcome = examine();
  EXPECT_EQ(outcome.code, 1);
  const auto problems = lines_of(outcome, "problem");
  ASSERT_EQ(problems.size(), 1U) << outcome.out;
  EXPECT_NE(problems[0].find("train data"), std::string::npos);
  EXPECT_NE(problems[0].find(image.filename().string()), std::string::npos);
  EXPECT_NE(outcome.out.find("-> replace them, or set pinfeed = dict(on_bad_sample='skip')"),
            std::string::npos);
  EXPECT_TRUE(outcome.out.ends_with("1 problem to solve before training\n"));
  const Outcome skipped = examine({"--cfg-options", "pinfeed.on_bad_sample=skip"});
  EXPECT_EQ(skipped.code, 0) << skipped.out;
  EXPECT_NE(skipped.out.find("; others replace them"), std::string::npos) << skipped.out;
}

TEST_F(Doctor, NamesClassesThatDoNotFit) {
  const Outcome outcome = examine({"--cfg-options", "model.bbox_head.num_classes=3"});
  EXPECT_EQ(outcome.code, 1);
  const auto problems = lines_of(outcome, "problem");
  ASSERT_EQ(problems.size(), 3U) << outcome.out;  // in the config and in the data of both splits
  EXPECT_NE(problems[0].find("num_classes"), std::string::npos) << outcome.out;
}

TEST_F(Doctor, NamesKeysThatAreNotSupported) {
  const Outcome outcome = examine({"--cfg-options", "model.neck.num_out=3"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.out.find("model.neck.num_out: not supported"), std::string::npos)
      << outcome.out;
}

TEST_F(Doctor, NamesADiskWithoutRoom) {
  const Outcome outcome =
      examine({"--work-dir", "/proc/out", "--cfg-options", "train_cfg.max_epochs=100000"});
  EXPECT_EQ(outcome.code, 1) << outcome.out;
  EXPECT_NE(outcome.out.find("-> set max_keep_ckpts in default_hooks.checkpoint"),
            std::string::npos)
      << outcome.out;
}

TEST_F(Doctor, NamesMissingData) {
  const Outcome outcome =
      examine({"--cfg-options", "train_dataloader.dataset.ann_file=annotations/none.json"});
  EXPECT_EQ(outcome.code, 1);
  EXPECT_NE(outcome.out.find("annotations/none.json"), std::string::npos) << outcome.out;
}

}  // namespace
}  // namespace pinfeed::test
