// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The config as JSON, two blanks a level, without a line feed at the end. Floats keep a point or
/// an exponent (114.0); Infinity and NaN as Python's json writes them; tuples are lists; integer
/// keys are strings; names of Python are dotted strings; keys in their order.
std::string write_json(const Value& value);

/// A string as JSON writes it, in quotes.
std::string json_text(std::string_view text);

}  // namespace pinfeed
