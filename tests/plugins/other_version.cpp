// SPDX-License-Identifier: Apache-2.0
// Pretends to be built against another version, and needs a symbol that this version lacks.
#include <pinfeed/data/catalogs.h>

extern "C" void a_function_of_version_0_0_9();
extern "C" [[gnu::visibility("default")]] const char* pinfeed_plugin_version() { return "0.0.9"; }
extern "C" [[gnu::visibility("default")]] void pinfeed_add_parts(pinfeed::Catalogs&) {
  a_function_of_version_0_0_9();
}
