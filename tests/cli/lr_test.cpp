// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/cli/program.h"

namespace pinfeed::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr auto small = R"(
optim_wrapper = dict(optimizer=dict(type='SGD', lr=1.0, momentum=0.5))
train_cfg = dict(by_epoch=True, max_epochs=2)
param_scheduler = dict(type='MultiStepLR', milestones=[1], gamma=0.5)
)";

std::string content(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Outcome lr(std::vector<std::string> arguments, const TemporaryFolder& folder) {
  arguments.insert(arguments.begin(), "lr");
  return program(arguments, folder.path());
}

TEST(Lr, PrintsARowPerIteration) {
  const TemporaryFolder folder;
  const Outcome outcome = lr({folder.write("c.py", small), "--epoch-length", "2"}, folder);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "iteration,epoch,lr\n0,0,1\n1,0,1\n2,1,0.5\n3,1,0.5\n");
}

TEST(Lr, AddsAColumnForEachScheduledParameter) {
  const TemporaryFolder folder;
  const Outcome outcome = lr({folder.write("c.py", small), "--epoch-length", "1", "--cfg-options",
                              "param_scheduler.type=MultiStepMomentum"},
                             folder);
  EXPECT_EQ(outcome.out, "iteration,epoch,lr,momentum\n0,0,1,0.5\n1,1,1,0.25\n");
}

TEST(Lr, PrintsTheReferenceScheduleToTheLastDigit) {
  const TemporaryFolder folder;
  const Outcome outcome =
      lr({PINFEED_SOURCE_DIR "/configs/mae_vit_b_400e.py", "--epoch-length", "100"}, folder);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  for (const std::string row :
       {"0,0,1.4999999999999999e-07", "1,0,1.8747186796699176e-07",
        "3998,39,0.00014996252813203052", "3999,39,0.00014999999999999752",
        "4000,40,0.00014999999999999752", "4001,40,0.00014999999979057306",
        "20000,200,0.00010455064977175693", "22000,220,9.5000000000069557e-05",
        "39998,399,4.0000000837697902e-05", "39999,399,4.0000000209424475e-05"}) {
    EXPECT_NE(outcome.out.find("\n" + row + "\n"), std::string::npos) << row;
  }
}

TEST(Lr, NeedsNoDataWhenOnlyIterationsCount) {
  const TemporaryFolder folder;
  const Outcome outcome = lr({folder.write("c.py", R"(
optim_wrapper = dict(optimizer=dict(type='SGD', lr=1.0))
train_cfg = dict(by_epoch=False, max_iters=3)
param_scheduler = dict(type='MultiStepLR', milestones=[1], gamma=0.5, by_epoch=False)
)")},
                             folder);
  EXPECT_EQ(outcome.out, "iteration,epoch,lr\n0,0,1\n1,0,0.5\n2,0,0.5\n");
}

TEST(Lr, WritesTableAndImageToFiles) {
  const TemporaryFolder folder;
  const Outcome outcome =
      lr({folder.write("c.py", small), "--epoch-length", "2", "--csv", "t.csv", "--plot", "p.svg"},
         folder);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "");
  EXPECT_THAT(content(folder.path() / "t.csv"), StartsWith("iteration,epoch,lr\n0,0,1\n"));
  EXPECT_THAT(content(folder.path() / "p.svg"), HasSubstr(">MultiStepLR</text>"));
}

TEST(Lr, DrawsInTheTerminalOnStderr) {
  const TemporaryFolder folder;
  const Outcome outcome =
      lr({folder.write("c.py", small), "--epoch-length", "2", "--plot"}, folder);
  EXPECT_THAT(outcome.err, HasSubstr("lr │"));
  EXPECT_THAT(outcome.out, StartsWith("iteration,epoch,lr\n"));
}

// The table would push the plot out of sight; to a pipe or a file it is written all the same.
TEST(Lr, PrintsNoTableIntoTheTerminalThatShowsThePlot) {
  const TemporaryFolder folder;
  const std::string config = folder.write("c.py", small);
  const std::string lr = "lr c.py --epoch-length 2";
  EXPECT_THAT(terminal_output(lr + " --plot", folder.path()),
              AllOf(HasSubstr("lr │"), Not(HasSubstr("iteration,epoch"))));
  EXPECT_THAT(terminal_output(lr + " --plot >t.csv", folder.path()), HasSubstr("lr │"));
  EXPECT_THAT(content(folder.path() / "t.csv"), StartsWith("iteration,epoch,lr\n0,0,1\n"));
  EXPECT_THAT(terminal_output(lr, folder.path()), HasSubstr("iteration,epoch,lr"));
  EXPECT_THAT(terminal_output(lr + " --plot p.svg", folder.path()),
              HasSubstr("iteration,epoch,lr"));
  EXPECT_THAT(terminal_output(lr + " --plot --csv u.csv", folder.path()),
              Not(HasSubstr("iteration,epoch")));
  EXPECT_EQ(content(folder.path() / "u.csv"), content(folder.path() / "t.csv"));
}

TEST(Lr, RefusesAFileThatWouldNotBeWhatItsNameSays) {
  const TemporaryFolder folder;
  const std::string config = folder.write("c.py", small);
  const Outcome outcome = lr({config, "--epoch-length", "2", "--plot", "p.png"}, folder);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            "error: --plot: must end with .svg, not p.png\n"
            "help: `pinfeed COMMAND --help` shows its options\n");
  EXPECT_EQ(program({"memory", "--plot", "p.png"}, folder.path()).code, 2);
}

TEST(Lr, StatesTheExactLastValueOfAPlot) {
  const TemporaryFolder folder;
  const Outcome outcome = lr(
      {PINFEED_SOURCE_DIR "/configs/mae_vit_b_400e.py", "--epoch-length", "100", "--plot", "p.svg"},
      folder);
  EXPECT_EQ(outcome.err, "last value of lr: 4.0000000209424475e-05\n");
  EXPECT_THAT(content(folder.path() / "p.svg"),
              HasSubstr(">last value 4.0000000209424475e-05</text>"));
}

TEST(Lr, SaysHowToSkipReadingTheData) {
  const TemporaryFolder folder;
  const Outcome outcome = lr({folder.write("c.py", small)}, folder);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_THAT(outcome.err, HasSubstr("  while counting the batches of an epoch\n"
                                     "help: pass --epoch-length N to skip reading the data\n"));
}

TEST(Lr, WantsAnEpochOfAtLeastOneBatch) {
  const TemporaryFolder folder;
  const Outcome outcome = lr({folder.write("c.py", small), "--epoch-length", "0"}, folder);
  EXPECT_EQ(outcome.code, 2);
  EXPECT_EQ(outcome.err,
            "error: --epoch-length: must be a number from 1 to 2147483647, not 0\n"
            "help: `pinfeed COMMAND --help` shows its options\n");
}

TEST(Lr, PlotsTwoConfigsInOneChart) {
  const TemporaryFolder folder;
  const std::string a = folder.write("a.py", small);
  const std::string b = folder.write("b.py", std::string(small) +
                                                 "train_cfg = dict(by_epoch=True, "
                                                 "max_epochs=1)\n");
  const Outcome outcome = lr({a, b, "--epoch-length", "1", "--plot", "p.svg"}, folder);
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(outcome.out,
            "config,iteration,epoch,lr\n" + a + ",0,0,1\n" + a + ",1,1,0.5\n" + b + ",0,0,1\n");
  const std::string drawing = content(folder.path() / "p.svg");
  EXPECT_THAT(drawing, HasSubstr(">" + b + " lr</text>"));
  EXPECT_THAT(drawing, HasSubstr(">" + b + " MultiStepLR</text>"));
}

TEST(Lr, PrintsWarningsOfTheScheduleOnStderr) {
  const TemporaryFolder folder;
  const std::string config = folder.write("c.py", R"(
optim_wrapper = dict(optimizer=dict(type='SGD', lr=1.0))
train_cfg = dict(by_epoch=True, max_epochs=2)
param_scheduler = dict(
    type='LinearLR', end=5)
)");
  const Outcome outcome = lr({config, "--epoch-length", "1"}, folder);
  EXPECT_EQ(outcome.code, 0);
  EXPECT_EQ(outcome.err, "warning: param_scheduler (" + config +
                             ":4): LinearLR ends at iteration 5, the training "
                             "ends at 2\n");
}

TEST(Lr, ShowsEachOfSeveralOptimizers) {
  const TemporaryFolder folder;
  const Outcome outcome = lr({folder.write("c.py", R"(
optim_wrapper = dict(
    constructor='Both', a=dict(optimizer=dict(type='SGD', lr=1.0)),
    b=dict(optimizer=dict(type='SGD', lr=2.0)))
train_cfg = dict(by_epoch=True, max_epochs=2)
param_scheduler = dict(b=dict(type='StepLR', step_size=1, gamma=0.5))
)"),
                              "--epoch-length", "1"},
                             folder);
  EXPECT_EQ(outcome.out, "iteration,epoch,a.lr,b.lr\n0,0,1,2\n1,1,1,1\n") << outcome.err;
}

}  // namespace
}  // namespace pinfeed::test
