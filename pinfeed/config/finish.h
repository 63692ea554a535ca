// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The last checks of a config: reserved names, what `custom_imports` asks for and we do not do.
Value finished(Dict root, std::vector<std::string>& warnings);

}  // namespace pinfeed
