// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// What replaces a top-level name of a config for the runners before mmengine (mmdet 1 and 2,
/// mmcls), which mmengine and pinfeed do not read: "param_scheduler" for `lr_config`. Nothing for
/// other names, and for a variable that only has such a name.
std::optional<std::string_view> replacement_of(const Value& root, std::string_view name);

/// Appends one warning that lists the names of that generation in a config and what replaces them.
void warn_of_older_generation(const Value& root, std::vector<std::string>& warnings);

}  // namespace pinfeed
