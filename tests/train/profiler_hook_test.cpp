// SPDX-License-Identifier: Apache-2.0
#include "tests/train/training_run.h"

namespace pinfeed {
namespace {

std::string profiled(const std::string& keys) {
  return with(settings, "custom_hooks = [dict(type='ProfilerHook'" + keys + ")]");
}

TEST(ProfilerHook, WritesATraceOfTheFirstIterations) {
  TestRun run(profiled(", by_epoch=False, profile_times=2"));
  run.trainer.run();
  const std::string trace = file_text(run.folder / "run/vis_data/trace.json");
  EXPECT_NE(trace.find("\"traceEvents\""), std::string::npos);
  EXPECT_NE(trace.find("aten::addmm"), std::string::npos);
}

TEST(ProfilerHook, WritesToANamedFile) {
  const TestFolder folder;
  TestRun run(profiled(", json_trace_path='" + (folder / "t.json") + "'"));
  run.trainer.run();
  EXPECT_NE(file_text(folder / "t.json").find("aten::addmm"), std::string::npos);
}

TEST(ProfilerHook, ChangesNoWeights) {
  TestRun run(profiled(", by_epoch=False, profile_times=3"));
  run.trainer.run();
  EXPECT_EQ(run.weights(), weights_after(settings));
}

TEST(ProfilerHook, RecordsOneEpochAtMost) {
  EXPECT_TRUE(failure_of([] {
                parts(profiled(", profile_times=2"));
              }).starts_with("error: profile_times is 2; with by_epoch=True it may only be 1"));
}

}  // namespace
}  // namespace pinfeed
