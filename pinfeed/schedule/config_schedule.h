// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/schedule/simulate.h"

namespace pinfeed {

/// Whether the values of the config depend on the number of batches of an epoch: an iteration loop
/// whose schedulers count iterations does not need it. Throws Error(config).
bool needs_epoch_length(const Value& config);

/// The values that the parameters of an optimizer of the config start with: those of
/// scheduled_optimizers() with the lr scaled by auto_scale_lr for one rank. Throws Error(config).
GroupValues scaled_values(const Value& config, const ScheduledOptimizer& optimizer);

/// The schedules of the config, with one group for all parameters of an optimizer. Throws
/// Error(config).
ConfigSchedule config_schedule(const std::string& title, const Value& config,
                               const TrainLength& length);

}  // namespace pinfeed
