// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/schedule/read_schedule.h"

namespace pinfeed {

/// What in a config's param_scheduler does something else than its author is likely to think, a
/// sentence each with the place in the config: an eta_min that is never reached, values that rise
/// to an absolute eta_min, a gap between two windows, an `end` behind the training, counts of
/// epochs that act on epochs beside others that act on iterations. `groups` are the values before
/// any stage.
std::vector<std::string> lint_schedule(const Value& config, const TrainLength& length,
                                       const std::vector<GroupValues>& groups);

}  // namespace pinfeed
