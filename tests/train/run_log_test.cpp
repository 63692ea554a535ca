// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/logging/run_log.h"

#include <gtest/gtest.h>

#include "pinfeed/train/input/torch_device.h"
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

TEST(RunFolder, BelongsToOneRun) {
  const TestFolder folder;
  EXPECT_EQ(claimed_run(folder.path(), "20260102_030405"), "20260102_030405");
  EXPECT_EQ(claimed_run(folder.path(), "20260102_030405"), "20260102_030405_2");
  EXPECT_EQ(claimed_run(folder.path(), "20260102_030405"), "20260102_030405_3");
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
