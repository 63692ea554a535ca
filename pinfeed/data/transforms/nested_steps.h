// SPDX-License-Identifier: Apache-2.0
// Pipelines inside a step: what RandomChoice and RandomApply share.
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/catalogs.h"

namespace pinfeed {

/// The steps that a value describes: a list of steps, or a single step.
ConfigSteps steps_of(const Value& value, const std::string& path);

/// A pipeline inside a step. Every field that its steps need counts as present: the pipeline that
/// contains the step checks them.
Pipeline nested_pipeline(std::vector<Transform> steps);

}  // namespace pinfeed
