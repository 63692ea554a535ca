// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed {

struct Catalogs;

/// Documentation of the parts of a training run except data, model and schedulers, by kind
/// ("optimizer", "hook"...).
std::vector<std::pair<std::string, std::vector<PartDoc>>> training_docs();

/// Throws Error(config) for a hook or model of a program or plugin that has the name of one of
/// pinfeed.
void check_added_names(const Catalogs& catalogs);

}  // namespace pinfeed
