// SPDX-License-Identifier: Apache-2.0
// `pinfeed predict` and `pinfeed test`.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>

#include "pinfeed/config/convert.h"
#include "pinfeed/config/read.h"
#include "pinfeed/core/file.h"
#include "tests/cli/train_fixture.h"

namespace pinfeed::test {
namespace {

namespace fs = std::filesystem;

class Predict : public Train {
 protected:
  void SetUp() override {
    Train::SetUp();
    if (IsSkipped()) return;
    ASSERT_EQ(run({"train", "tiny.py", "--work-dir", "out"}).code, 0);
  }

  Outcome predict(std::vector<std::string> more) {
    std::vector<std::string> words = {"predict", "tiny.py", checkpoint};
    words.insert(words.end(), more.begin(), more.end());
    return run(words);
  }
  static Value json_of(const std::string& text) { return read_config_text(text, "a.json").root; }
  std::vector<std::string> images() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder_.path() / "shapes/val"))
      names.push_back("shapes/val/" + entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  const std::string checkpoint = "out/epoch_1.safetensors";
};

// The last bits of a sum depend on the size of the batch. The ids of images and categories are
// those of the annotations in one of the two files.
bool nearly_equal(const Value& one, const Value& other) {
  const auto numbers = [](const Value& detection) {
    auto all = convert<std::vector<double>>(*detection.find("bbox"), "bbox");
    all.push_back(convert<double>(*detection.find("score"), "score"));
    return all;
  };
  const std::vector<double> a = numbers(one);
  const std::vector<double> b = numbers(other);
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](double left, double right) {
    return std::abs(left - right) < 1e-4 * std::max(1.0, std::abs(right));
  });
}

// The same boxes and scores as `eval` finds with the same pipeline.
TEST_F(Predict, FindsWhatEvalFinds) {
  const Outcome outcome = predict({"shapes/val", "--score-thr", "0"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const Value found = json_of(outcome.out);
  ASSERT_EQ(found.find("images")->items().size(), 4U);
  EXPECT_EQ(found.find("images")->items()[0].find("width")->integer(), 64);
  EXPECT_EQ(found.find("categories")->items()[3].find("name")->string(), "star");
  ASSERT_EQ(run({"eval", "tiny.py", checkpoint, "--out", "found.json"}).code, 0);
  const Value evaluated =
      json_of("{\"all\": " + read_text(folder_ / "found.json", ErrorKind::data) + "}");
  const std::vector<Value>& want = evaluated.find("all")->items();
  const std::vector<Value>& have = found.find("annotations")->items();
  ASSERT_GT(want.size(), 0U);
  ASSERT_EQ(have.size(), want.size());
  for (const Value& one : have) {
    EXPECT_TRUE(std::any_of(want.begin(), want.end(), [&](const Value& other) {
      return nearly_equal(one, other);
    })) << repr(one);
  }
}

// Another image in the place of a broken one would get its name.
TEST_F(Predict, FailsForABrokenImageAlsoWhereTrainingSkipsIt) {
  fs::resize_file(folder_.path() / images()[1], 100);
  const Outcome outcome = predict({"shapes/val", "--cfg-options", "pinfeed.on_bad_sample=skip"});
  EXPECT_EQ(outcome.code, 3) << outcome.out;
  EXPECT_NE(outcome.err.find(images()[1]), std::string::npos) << outcome.err;
}

TEST_F(Predict, LeavesOutLowScores) {
  const Outcome outcome = predict({images()[0], "--score-thr", "1"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_TRUE(json_of(outcome.out).find("annotations")->items().empty());
}

TEST_F(Predict, WritesPicturesAndTheJson) {
  const Outcome outcome = predict({images()[0], images()[1], "--out-dir", "seen"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_TRUE(has("seen/predictions.json"));
  EXPECT_TRUE(has("seen/" + fs::path(images()[0]).stem().string() + ".png"));
  EXPECT_TRUE(has("seen/" + fs::path(images()[1]).stem().string() + ".png"));
}

TEST_F(Predict, NamesWhatIsWrongWithItsInput) {
  EXPECT_TRUE(
      predict({"none.jpg"}).err.starts_with("error: there is no file or folder none.jpg\n"));
  fs::create_directory(folder_.path() / "empty");
  EXPECT_TRUE(
      predict({"empty"}).err.starts_with("error: empty has no .jpg, .jpeg or .png files\n"));
  folder_.write("text.jpg", "no image");
  const Outcome broken = predict({"text.jpg"});
  EXPECT_EQ(broken.code, 3);
  EXPECT_NE(broken.err.find("text.jpg"), std::string::npos) << broken.err;
}

TEST_F(Predict, TestReadsTheTestLoaderAndWritesALog) {
  std::string text = tiny;
  text +=
      "test_dataloader = dict(val_dataloader, batch_size=1)\ntest_evaluator = val_evaluator\n"
      "test_cfg = dict(type='TestLoop')\n";
  folder_.write("tested.py", text);
  const Outcome tested = run({"test", "tested.py", checkpoint, "--work-dir", "tests"});
  ASSERT_EQ(tested.code, 0) << tested.err;
  EXPECT_EQ(tested.out, run({"eval", "tiny.py", checkpoint}).out);
  EXPECT_NE(tested.err.find(" - pinfeed - INFO - Epoch(test) [4/4]    coco/bbox_mAP: "),
            std::string::npos)
      << tested.err;
  const Outcome without = run({"test", "tiny.py", checkpoint});
  EXPECT_EQ(without.code, 2);
  EXPECT_NE(without.err.find("it needs test_dataloader, test_cfg and test_evaluator"),
            std::string::npos)
      << without.err;
}

}  // namespace
}  // namespace pinfeed::test
