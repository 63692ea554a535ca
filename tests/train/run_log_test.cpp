// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/run_log.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "pinfeed/train/input/torch_device.h"
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

}  // namespace
}  // namespace pinfeed
