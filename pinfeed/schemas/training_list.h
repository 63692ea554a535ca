// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// The parts of a training run besides data, model and schedulers, by kind ("optimizer",
/// "hook"...), as `pinfeed list` shows them. Needs no torch.
std::vector<std::pair<std::string, std::vector<PartDoc>>> training_docs();

}  // namespace pinfeed
