// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The value of a plain scalar in PyYAML: None, bool, int, float or str. No value for an integer
/// that does not fit 64 bits.
std::optional<Value> yaml_scalar(std::string_view text);

}  // namespace pinfeed
