// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/schedule/read_schedule.h"

namespace pinfeed {

/// Warnings about a param_scheduler that probably does not do what its author intends, a sentence
/// each with its location in the config: a cosine that ends more than 1 % of its
/// way above eta_min, values that rise to an
/// absolute eta_min, a gap between two windows, an `end` after the end of training, a scheduler
/// that steps once an epoch beside others that step at each iteration. `groups` are the values
/// before any stage. Throws Error(config).
std::vector<std::string> lint_schedule(const Value& config, const TrainLength& length,
                                       const std::vector<GroupValues>& groups);

}  // namespace pinfeed
