// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/config/value/value.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/loader/planner.h"

namespace pinfeed {

/// What PipelineSwitchHook and YOLOXModeSwitchHook of the config's custom_hooks make of the data
/// set, by epoch. Throws Error(config) where it has nothing that could be switched.
std::vector<DatasetSwitch> pipeline_switches(const Value& config, const Dataset& dataset,
                                             const BuildContext& context);

/// What `pinfeed list` knows of both hooks.
std::vector<PartDoc> pipeline_switch_docs();

}  // namespace pinfeed
