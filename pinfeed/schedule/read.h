// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "pinfeed/config/value.h"
#include "pinfeed/schedule/menu.h"
#include "pinfeed/schedule/scheduler.h"

namespace pinfeed {

/// The length that the config's train_cfg asks for; epoch_length is the number of batches of the
/// train loader, where it is known. Throws Error(config).
TrainLength train_length(const Value& config, std::optional<std::int64_t> epoch_length);
/// Iterations of the whole run. Throws Error(config) when an epoch's length is needed and not
/// known.
std::int64_t iterations_of(const TrainLength& length);

/// The stages of the config's param_scheduler: None, one dictionary or a list of them. An absent
/// `end` is the end of the training. Throws Error(config) with place, path and help.
std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length);
std::vector<Stage> read_schedulers(const Value& config, const TrainLength& length,
                                   const SchedulerCatalog& catalog);

/// The values that optim_wrapper.optimizer gives every group, as written or as torch.optim sets
/// them. Not scaled: upstream's pseudo base group holds these (specs runtime 2.4). Throws
/// Error(config).
GroupValues optimizer_values(const Value& config);

/// What auto_scale_lr multiplies the lr of each real group by, before a schedule is built; 1 unless
/// it is enabled (specs runtime 2.5). Throws Error(config).
double lr_scale(const Value& config, int world_size);

}  // namespace pinfeed
