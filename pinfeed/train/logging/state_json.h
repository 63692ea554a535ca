// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// Reads a JSON object that pinfeed wrote (write_json). Throws Error(data) naming `path` when the
/// text is none.
Dict read_state(const std::string& text, const std::string& path);

}  // namespace pinfeed
