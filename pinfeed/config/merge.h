// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "pinfeed/config/value.h"

namespace pinfeed {

/// Lays `child` over `base` as OpenMMLab does: dictionaries are merged, everything else replaces,
/// `_delete_=True` drops what the base had, base keys come first. `_delete_` itself never stays.
/// Throws Error(config) naming both places when a dictionary meets something else.
Dict merged(Dict base, Dict child);

/// "configs/a.py:3:8", or empty when the place is unknown.
std::string place_text(const Place& place);

/// What Python's bool() says of it.
bool is_true(const Value& value);

}  // namespace pinfeed
