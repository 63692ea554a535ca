// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "pinfeed/data/loader/builtin_catalogs.h"

namespace pinfeed {

/// Opens a plugin (plugin.h) and adds its parts. From then on no name in the catalogs can be taken
/// again. The library stays open until the process ends. Throws Error(config): the file is missing,
/// no plugin, built against another version of pinfeed, or what it threw.
void add_plugin(Catalogs& catalogs, const std::string& path);

/// builtin() and the parts of these plugins.
Catalogs builtin_and(const std::vector<std::string>& plugins);

}  // namespace pinfeed
