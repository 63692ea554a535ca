// SPDX-License-Identifier: Apache-2.0
// The hooks of every run, which have no parameters.
#pragma once

#include <memory>

#include "pinfeed/config/schema.h"
#include "pinfeed/schemas/hook_schemas.h"

namespace pinfeed {

/// Keeps the learning rates and the losses of an iteration for the log.
struct RuntimeInfoHook {
  static constexpr auto name = "RuntimeInfoHook";
  static constexpr int default_priority = 10;

  HookPriority priority = {};
};
inline void describe(Schema<RuntimeInfoHook>& schema) {
  schema.summary("Keeps the learning rates and the losses of an iteration for the log.")
      .optional("priority", &RuntimeInfoHook::priority, priority_meaning);
}
std::unique_ptr<Hook> make_hook(const RuntimeInfoHook& params);

/// Measures the time of iterations and of waiting for data.
struct IterTimerHook {
  static constexpr auto name = "IterTimerHook";
  static constexpr int default_priority = 50;

  HookPriority priority = {};
};
inline void describe(Schema<IterTimerHook>& schema) {
  schema.summary("Measures the time of iterations and of waiting for data.")
      .optional("priority", &IterTimerHook::priority, priority_meaning);
}
std::unique_ptr<Hook> make_hook(const IterTimerHook& params);

/// Steps the parameter schedulers.
struct ParamSchedulerHook {
  static constexpr auto name = "ParamSchedulerHook";
  static constexpr int default_priority = 70;

  HookPriority priority = {};
};
inline void describe(Schema<ParamSchedulerHook>& schema) {
  schema.summary("Steps the parameter schedulers after iterations, epochs and validations.")
      .optional("priority", &ParamSchedulerHook::priority, priority_meaning);
}
std::unique_ptr<Hook> make_hook(const ParamSchedulerHook& params);

}  // namespace pinfeed
