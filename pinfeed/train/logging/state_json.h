// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// Reads a JSON object that write_json() wrote. Throws Error(data) with `path` when the text is not
/// a JSON object.
Dict read_state(const std::string& text, const std::string& path);

}  // namespace pinfeed
