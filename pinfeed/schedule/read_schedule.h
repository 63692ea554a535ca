// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/schedule/optimizer_values.h"
#include "pinfeed/schedule/scheduler_catalog.h"
#include "pinfeed/schedule/schedulers.h"
#include "pinfeed/schedule/train_loop.h"

namespace pinfeed {

/// The stages of the config's param_scheduler (None, one dictionary or a list of them), or those of
/// mmyolo's hook in default_hooks.param_scheduler. An absent `end` is the end of the training.
/// Throws Error(config) with source span, path and help.
std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length);
std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length,
                                   const SchedulerCatalog& catalog);

/// mmyolo's hook that replaces the schedulers, and its path in the config: it is in
/// default_hooks.param_scheduler or among the custom_hooks. Null where there is none.
struct WarmupHookEntry {
  const Value* hook = nullptr;
  std::string path = {};
};
WarmupHookEntry warmup_hook(const Value& config);

/// An optimizer of the config and the stages that change its values. The name is empty where there
/// is only one optimizer.
struct ScheduledOptimizer {
  std::string name = {};
  GroupValues values = {};  // not scaled
  std::vector<Stage> stages = {};
};
/// All optimizers: optim_wrapper itself, or its members where it is a dictionary of wrappers. In
/// the second case param_scheduler is a dictionary with the same names, or one specification that
/// is copied for each optimizer (docs/specs/openmmlab-runtime.md, 2.2). Throws Error(config).
std::vector<ScheduledOptimizer> scheduled_optimizers(const Value& config,
                                                     const TrainLength& length);

}  // namespace pinfeed
