// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/loader/builtin_catalogs.h"

namespace pinfeed {

/// Opens a plugin (pinfeed/plugin.h) and adds its parts. No name in the catalogs can be redefined
/// after that. The library stays open until the process ends. Throws Error(config) if the file is
/// missing, is no plugin, was built against another version of pinfeed, or throws an exception.
void add_plugin(Catalogs& catalogs, const std::string& path);

/// builtin() and the parts of these plugins.
Catalogs builtin_and(const std::vector<std::string>& plugins);

}  // namespace pinfeed
