// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/value.h"

namespace pinfeed {

/// A tree of dictionaries with string keys, lists, numbers, strings and None as JSON. Doubles read back
/// to the same bits.
std::string state_text(const Value& state);
/// Reads it back. Throws Error(data) naming `path` when the text is no JSON object.
Dict read_state(const std::string& text, const std::string& path);

}  // namespace pinfeed
