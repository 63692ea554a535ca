// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/config_error.h"
#include "pinfeed/schemas/hook_schemas.h"

namespace pinfeed {

/// Records the operations of the first iterations or the first epoch with torch's profiler.
struct ProfilerHook {
  static constexpr auto name = "ProfilerHook";
  static constexpr int default_priority = 90;

  HookPriority priority = {};
  bool by_epoch = true;
  std::int64_t profile_times = 1;  // epochs or iterations
  bool activity_with_cpu = true;
  bool activity_with_cuda = false;
  bool record_shapes = false;
  bool profile_memory = false;
  bool with_stack = false;
  bool with_flops = false;
  std::optional<std::string> json_trace_path = {};
};

inline void describe(Schema<ProfilerHook>& schema) {
  schema
      .summary(
          "Records the operations of the first iterations, or of the first epoch, and writes a "
          "trace that chrome://tracing and ui.perfetto.dev show.")
      .optional("by_epoch", &ProfilerHook::by_epoch, "profile_times counts epochs")
      .optional("profile_times", &ProfilerHook::profile_times, "epochs or iterations to record",
                at_least(1))
      .optional("activity_with_cpu", &ProfilerHook::activity_with_cpu, "record the CPU")
      .optional("activity_with_cuda", &ProfilerHook::activity_with_cuda, "record the CUDA device")
      .optional("record_shapes", &ProfilerHook::record_shapes, "record the shapes of inputs")
      .optional("profile_memory", &ProfilerHook::profile_memory, "record allocations")
      .optional("with_stack", &ProfilerHook::with_stack, "record where operations are called")
      .optional("with_flops", &ProfilerHook::with_flops, "estimate floating-point operations")
      .optional("json_trace_path", &ProfilerHook::json_trace_path,
                "file of the trace; if absent: trace.json in the folder of the run's scalars")
      .refused("schedule", "all iterations from the first one on are recorded")
      .refused("on_trace_ready", "the trace is written to json_trace_path")
      .optional("priority", &ProfilerHook::priority, priority_meaning)
      .check([](const ProfilerHook& params) {
        if (params.by_epoch && params.profile_times > 1)
          throw_config_error("profile_times is " + std::to_string(params.profile_times) +
                             "; with by_epoch=True it may only be 1, because a recorded epoch is "
                             "slow and its trace large");
        if (!params.activity_with_cpu && !params.activity_with_cuda)
          throw_config_error("activity_with_cpu and activity_with_cuda are both False");
      });
}
std::unique_ptr<Hook> make_hook(const ProfilerHook& params);

}  // namespace pinfeed
