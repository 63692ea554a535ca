// SPDX-License-Identifier: Apache-2.0
// The page of a training.
#include <gmock/gmock.h>

#include <chrono>
#include <fstream>
#include <sstream>
#include <thread>

#include "tests/cli/python_script.h"
#include "tests/cli/training_checks.h"

namespace pinfeed::test {
namespace {

using testing::HasSubstr;
using testing::Not;

class TrainReport : public TrainingChecks {
 protected:
  // The page of the newest run in a work dir.
  std::filesystem::path page_in(const std::string& work_dir) const {
    std::filesystem::path newest;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / work_dir)) {
      const std::filesystem::path page = entry.path() / "report.html";
      if (std::filesystem::exists(page) && page > newest) newest = page;
    }
    return newest;
  }

  static std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
  }

  // What check_page.py prints; empty without Python.
  static std::string checked(const std::filesystem::path& page) {
    return script_output("report/check_page.py", page.string()).value_or("");
  }
};

TEST_F(TrainReport, HasAllSections) {
  const Outcome trained = run({"train", "tiny.py", "--work-dir", "out"});
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::filesystem::path page = page_in("out");
  EXPECT_THAT(trained.err, HasSubstr("the page of this run: out/" +
                                     page.parent_path().filename().string() + "/report.html\n"));
  const std::string html = text_of(page);
  for (const char* text :
       {"<section id=\"curves\">", "<section id=\"evaluation\">", "<section id=\"predictions\">",
        "<section id=\"samples\">", "<section id=\"loader\">", "<section id=\"config\">",
        "<section id=\"versions\">", "Finished: 1 of 1 epochs, 2 iterations",
        "pinfeed train tiny.py --work-dir out</dd>", "4 of 4 images"})
    EXPECT_THAT(html, HasSubstr(text));
  // Which of the verdicts it is depends on the machine.
  EXPECT_THAT(html, AnyOf(HasSubstr(" the bottleneck: "), HasSubstr("the render threads wait")));
  EXPECT_THAT(html, Not(HasSubstr("cannot be shown")));
  const std::string read = checked(page);
  if (read.empty()) GTEST_SKIP() << "no Python";
  EXPECT_THAT(read, HasSubstr("\"images\": 12"));  // 8 samples and 4 of the validation
  EXPECT_THAT(read, HasSubstr("\"loss\": [1, 2]"));
  EXPECT_THAT(read, HasSubstr("\"metrics\": {\"coco/bbox_mAP\": "));
}

TEST_F(TrainReport, OfAResumedRunContinuesTheCurves) {
  ASSERT_EQ(run({"train", "tiny.py", "--work-dir", "out"}).code, 0);
  const Outcome resumed = run({"train", "tiny.py", "--work-dir", "out", "--resume", "--cfg-options",
                               "train_cfg.max_epochs=2"});
  ASSERT_EQ(resumed.code, 0) << resumed.err;
  const std::filesystem::path page = page_in("out");
  EXPECT_THAT(text_of(page), HasSubstr("4 iterations, of which 2 after a resume"));
  const std::string read = checked(page);
  if (read.empty()) GTEST_SKIP() << "no Python";
  EXPECT_THAT(read, HasSubstr("\"loss\": [1, 2, 3, 4]"));
}

TEST_F(TrainReport, IsWrittenAfterALossThatIsNotANumber) {
  const Outcome stopped = train_with(
      "optim_wrapper = dict(optimizer=dict(lr=1e30))\n"
      "custom_hooks = [dict(type='CheckInvalidLossHook', interval=1)]");
  EXPECT_EQ(stopped.code, 3) << stopped.err;
  const std::string html = text_of(page_in("out"));
  EXPECT_THAT(html, HasSubstr("Ended early: the loss is "));
  EXPECT_THAT(html, HasSubstr("<section id=\"samples\">"));
  EXPECT_THAT(html, Not(HasSubstr("NaN,")));
  const std::string read = checked(page_in("out"));
  if (read.empty()) GTEST_SKIP() << "no Python";
  EXPECT_THAT(read, HasSubstr("\"complete\": false"));
}

TEST_F(TrainReport, ThatCannotBeWrittenIsAWarning) {
  // As soon as the folder of the run exists, a folder takes the name of the page.
  std::jthread taker([this](const std::stop_token& ended) {
    std::error_code none;
    while (!ended.stop_requested()) {
      for (const auto& entry : std::filesystem::directory_iterator(folder_.path() / "out", none)) {
        if (!entry.is_directory()) continue;
        std::filesystem::create_directory(entry.path() / "report.html", none);
        return;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
  });
  const Outcome trained = run({"train", "tiny.py", "--work-dir", "out"});
  EXPECT_EQ(trained.code, 0) << trained.err;
  EXPECT_THAT(trained.err,
              HasSubstr("WARNING - the page of the run is not written: cannot write "));
  EXPECT_TRUE(has("out/epoch_1.safetensors"));
}

TEST_F(TrainReport, HasNoEvaluationWithoutValidation) {
  const Outcome trained = train_with("val_dataloader = None\nval_evaluator = None\nval_cfg = None");
  ASSERT_EQ(trained.code, 0) << trained.err;
  const std::string html = text_of(page_in("out"));
  EXPECT_THAT(html, Not(HasSubstr("<section id=\"evaluation\">")));
  EXPECT_THAT(html, HasSubstr("<section id=\"samples\">"));
}

TEST_F(TrainReport, IsWrittenByEval) {
  ASSERT_EQ(run({"train", "tiny.py", "--work-dir", "out"}).code, 0);
  const Outcome measured =
      run({"eval", "tiny.py", "out/epoch_1.safetensors", "--report", "page.html"});
  ASSERT_EQ(measured.code, 0) << measured.err;
  EXPECT_THAT(measured.err, HasSubstr("wrote page.html\n"));
  const std::string html = text_of(folder_.path() / "page.html");
  EXPECT_THAT(html, HasSubstr("<section id=\"predictions\">"));
  EXPECT_THAT(html, HasSubstr("pinfeed eval tiny.py out/epoch_1.safetensors</dd>"));
  EXPECT_THAT(html, Not(HasSubstr("<section id=\"curves\">")));
  const Outcome refused =
      run({"eval", "tiny.py", "out/epoch_1.safetensors", "--report", "page.txt"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_EQ(refused.err,
            "error: --report: must end with .html, not page.txt\n"
            "help: `pinfeed COMMAND --help` shows its options\n");
}

TEST_F(TrainReport, ShowsTheEvaluationOfPascalVoc) {
  std::string lines =
      voc_validation("dict(classes=('circle', 'square', 'triangle', 'star', 'cross'))");
  lines.replace(lines.find("val_evaluator"), std::string::npos,
                "val_evaluator = dict(_delete_=True, type='VOCMetric')");
  const Outcome outcome = train_with(lines);
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  const std::string html = text_of(page_in("out"));
  EXPECT_THAT(html, HasSubstr("<section id=\"predictions\">"));
  EXPECT_THAT(html, Not(HasSubstr("cannot be shown")));
}

}  // namespace
}  // namespace pinfeed::test
