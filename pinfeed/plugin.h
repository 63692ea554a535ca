// SPDX-License-Identifier: Apache-2.0
// For plugins only. A plugin is a shared library with parts for `--plugin lib.so`; one of its
// sources includes this header and defines pinfeed_add_parts(): see examples/plugin.
#pragma once

#include "pinfeed/core/version.h"
#include "pinfeed/data/catalogs.h"

extern "C" {

/// Adds the plugin's parts. A name that is taken is Error(config); an exception that leaves it ends
/// the command.
[[gnu::visibility("default")]] void pinfeed_add_parts(pinfeed::Catalogs& catalogs);

/// What the plugin is built against: the program takes no plugin of another version than its own.
[[gnu::used, gnu::visibility("default")]] inline const char* pinfeed_plugin_version() {
  return pinfeed::headers_version;
}
}
