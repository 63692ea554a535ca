// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// The checks after all files and options are merged: reserved names are an error, `custom_imports`
/// is a warning, because pinfeed imports nothing, unless pinfeed has the parts of the modules.
Value finished(Dict root, std::vector<std::string>& warnings);

}  // namespace pinfeed
