// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "pinfeed/config/schema.h"
#include "pinfeed/config/value/value.h"
#include "pinfeed/data/catalogs.h"
#include "pinfeed/data/loader/planner.h"

namespace pinfeed {

/// The data sets that PipelineSwitchHook and YOLOXModeSwitchHook in the config's custom_hooks
/// switch to, by epoch. Throws Error(config) if the data set has nothing that could be switched.
std::vector<DatasetSwitch> pipeline_switches(const Value& config, const Dataset& dataset,
                                             const BuildContext& context);

/// The documentation of both hooks, for `pinfeed list`.
std::vector<PartDoc> pipeline_switch_docs();

}  // namespace pinfeed
