// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/train/optim/optimizer.h"

namespace pinfeed {

/// What a checkpoint says about an optimizer: its type, and the options of each group before any
/// step.
Dict optimizer_settings(const Optimizer& optimizer);

/// Continues with the settings of a checkpoint, as mmengine does: its options replace those of the
/// config. Returns what differs: "lr=0.1 instead of 0.2". Throws Error(data) for another type of
/// optimizer, and for another value of amsgrad, for which the checkpoint has no state.
std::vector<std::string> load_settings(Optimizer& optimizer, const Value& stored);

}  // namespace pinfeed
