// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/schedule/scheduler_catalog.h"
#include "pinfeed/schedule/schedulers.h"

namespace pinfeed {

/// The length that the config's train_cfg asks for; epoch_length is the number of batches of the
/// train loader, where it is known. Throws Error(config).
TrainLength train_length(const Value& config, std::optional<std::int64_t> epoch_length);
/// Iterations of the whole run. Throws Error(config) when an epoch's length is needed and not
/// known.
std::int64_t iterations_of(const TrainLength& length);

/// The stages of the config's param_scheduler: None, one dictionary or a list of them; or those of
/// mmyolo's hook in default_hooks.param_scheduler. An absent `end` is the end of the training.
/// Throws Error(config) with place, path and help.
std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length);
std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length,
                                   const SchedulerCatalog& catalog);

/// mmyolo's hook that takes the schedulers' place: in default_hooks.param_scheduler or among the
/// custom_hooks. Null where there is none.
struct HookPlace {
  const Value* hook = nullptr;
  std::string path = {};
};
HookPlace warmup_hook(const Value& config);

/// The values that optim_wrapper.optimizer gives every group, as written or as torch.optim sets
/// them. Not scaled: upstream's pseudo base group holds these
/// (docs/specs/openmmlab-runtime.md, 2.4). Throws Error(config).
GroupValues optimizer_values(const Value& config);
/// The same of one wrapper; `path` is where it stands.
GroupValues wrapper_values(const Value& wrapper, const std::string& path);
/// Whether the optimizer has a momentum by that name, as SGD and RMSprop do, not betas.
bool has_momentum(const Value& config);

/// An optimizer of the config with the stages that move it; the name is empty where there is one.
struct ScheduledOptimizer {
  std::string name = {};
  GroupValues values = {};  // not scaled
  std::vector<Stage> stages = {};
};
/// All optimizers: optim_wrapper itself, or its members where it is a dictionary of wrappers. Then
/// param_scheduler is a dictionary by the same names, or one specification of which each optimizer
/// has its own copy (docs/specs/openmmlab-runtime.md, 2.2). Throws Error(config).
std::vector<ScheduledOptimizer> scheduled_optimizers(const Value& config,
                                                     const TrainLength& length);

/// What auto_scale_lr multiplies the lr of each real group by, before a schedule is built; 1 unless
/// it is enabled (docs/specs/openmmlab-runtime.md, 2.5). Throws Error(config).
double lr_scale(const Value& config, int world_size);

}  // namespace pinfeed
