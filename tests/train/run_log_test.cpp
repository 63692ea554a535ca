// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/run_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "pinfeed/train/input/torch_device.h"
#include "pinfeed/train/logging/work_dir_lock.h"
#include "tests/limits.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

TEST(RunFolder, BelongsToOneRun) {
  const TestFolder folder;
  EXPECT_EQ(claimed_run(folder.path(), "20260102_030405"), "20260102_030405");
  EXPECT_EQ(claimed_run(folder.path(), "20260102_030405"), "20260102_030405_2");
  EXPECT_EQ(claimed_run(folder.path(), "20260102_030405"), "20260102_030405_3");
}

TEST(WorkDirLock, KeepsAnotherRunOutWhileItExists) {
  const TestFolder folder;
  {
    const WorkDirLock lock(folder.path());
    EXPECT_EQ(failure_of([&] { WorkDirLock second(folder.path()); }),
              "error: process " + std::to_string(getpid()) + " trains in the work dir " +
                  folder.path() +
                  " already\nhelp: choose another --work-dir, or stop that process first\n");
    const TestFolder other;
    const WorkDirLock of_another_folder(other.path());
  }
  const WorkDirLock again(folder.path());
}

TEST(WorkDirLock, EndsWithItsProcess) {
  const TestFolder folder;
  EXPECT_EXIT(
      {
        new WorkDirLock(folder.path());  // never destroyed
        raise(SIGKILL);
      },
      testing::KilledBySignal(SIGKILL), "");
  const WorkDirLock lock(folder.path());
}

std::string log_failure(const std::string& work_dir) {
  return failure_of([&] { RunLog(work_dir, "run", {}); });
}

TEST(RunLog, IsNotWrittenThroughALinkOrIntoAPipe) {
  const TestFolder folder;
  folder.write("precious", "text");
  for (const std::string name :
       {"run/run.log", "run/vis_data/run.json", "run/vis_data/scalars.json"}) {
    const std::string path = folder / name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::filesystem::create_symlink(folder / "precious", path);
    EXPECT_EQ(log_failure(folder.path()),
              "error: cannot write " + path + ": it is not a regular file\n");
    std::filesystem::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_EQ(log_failure(folder.path()),
              "error: cannot write " + path + ": it is not a regular file\n");
    std::filesystem::remove(path);
  }
  EXPECT_EQ(file_text(folder / "precious"), "text");
}

// The lines that a log prints, without their time.
struct PrintedLog {
  TestFolder folder = {};
  std::vector<std::string> lines = {};
  RunLog log{folder.path(), "run", [this](const std::string& line) {
               lines.push_back(line.substr(line.find(" - ") + 3));
             }};
};

TEST(RunLog, GoesOnInNewFilesAfterItsFolderWasRemoved) {
  PrintedLog printed;
  printed.log.info("one");
  std::filesystem::remove_all(printed.folder / "run");
  printed.log.info("two");
  printed.log.scalars("{}");
  const std::string text = printed.folder / "run/run.log";
  const std::string folder = printed.folder / "run/vis_data/";
  const std::string anew = " was removed; it is written anew";
  EXPECT_EQ(printed.lines,
            (std::vector<std::string>{"pinfeed - INFO - one", "pinfeed - INFO - two",
                                      "pinfeed - WARNING - " + text + anew,
                                      "pinfeed - WARNING - " + folder + "run.json" + anew,
                                      "pinfeed - WARNING - " + folder + "scalars.json" + anew}));
  EXPECT_TRUE(file_text(text).ends_with(" - pinfeed - INFO - two\n"));
  EXPECT_EQ(file_text(folder + "scalars.json"), "{}\n");
}

TEST(RunLog, PrintsOnceThatTheDiskIsFullAndGoesOn) {
  PrintedLog printed;
  {
    const test::FileSizeLimit disk(40);
    for (int i = 0; i < 3; ++i)
      printed.log.scalars("{\"a\": 1234567890}");  // 17 bytes and a line feed
  }
  printed.log.scalars("{}");
  const std::string folder = printed.folder / "run/vis_data/";
  const std::string left_out = ": File too large; training goes on without these lines of the log";
  EXPECT_EQ(printed.lines,
            (std::vector<std::string>{
                "pinfeed - WARNING - cannot write " + folder + "run.json" + left_out,
                "pinfeed - WARNING - cannot write " + folder + "scalars.json" + left_out}));
  const std::string line = "{\"a\": 1234567890}\n";
  EXPECT_EQ(file_text(folder + "scalars.json"), line + line + "{\"a\"\n{}\n");
}

TEST(HostMemory, ThatDoesNotSufficeIsAnErrorOfTheSystem) {
  std::optional<Error> failure;
  try {
    (void)torch::empty({std::int64_t{1} << 46, 2});
  } catch (const c10::Error& error) {
    failure = host_memory_failure(error);
  }
  ASSERT_TRUE(failure);
  EXPECT_EQ(failure->kind(), ErrorKind::system);
  EXPECT_EQ(failure->message(),
            "error: out of memory: torch could not allocate 562949953421312 bytes\n"
            "help: lower batch_size, the size of the images, or pinfeed.prefetch\n");
}

TEST(InvalidLoss, IsAWarningOnce) {
  TestRun run(with(settings, "optim_wrapper['optimizer'] = dict(type='SGD', lr=1e30)"));
  run.trainer.run();
  const auto count = std::count_if(run.lines.begin(), run.lines.end(), [](const std::string& line) {
    return line.find("WARNING - the loss is ") != std::string::npos;
  });
  EXPECT_EQ(count, 1);
}

// The dump repeats the iteration: the loss of the resumed run is invalid at once.
TEST(InvalidLoss, StopsARunWithTheHookAndLeavesTheStateBeforeIt) {
  const std::string text =
      with(with(settings, "custom_hooks = [dict(type='CheckInvalidLossHook')]"),
           "optim_wrapper['accumulative_counts'] = 2");
  TestRun run(text);
  run.model().on_step = [&, steps = 0]() mutable {
    const torch::NoGradGuard no_gradients;
    if (++steps == 8) run.model().head->weight.fill_(std::nan(""));
  };
  const std::string dump = run.folder / "invalid_loss_iter_8.safetensors";
  EXPECT_EQ(
      failure_of([&] { run.trainer.run(); }),
      "error: the loss is nan in iteration 8\n"
      "  while filling batch 2 of epoch 1\n"
      "help: lower the learning rate, or set clip_grad=dict(max_norm=...) in optim_wrapper; the "
      "state before this iteration is saved, and this repeats it: pinfeed train config.py "
      "--resume " +
          dump + "\n");
  TestRun second(text);
  second.trainer.resume(dump);
  EXPECT_EQ(second.trainer.progress().iteration, 7);
  EXPECT_TRUE(failure_of([&] {
                second.trainer.run();
              }).starts_with("error: the loss is nan in iteration 8\n"));
}

}  // namespace
}  // namespace pinfeed
