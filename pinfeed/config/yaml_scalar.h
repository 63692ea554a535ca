// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// What a plain scalar means to PyYAML: None, bool, int, float or str. Empty where it is a number
/// that does not fit.
std::optional<Value> yaml_scalar(std::string_view text);

}  // namespace pinfeed
