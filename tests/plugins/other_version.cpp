// SPDX-License-Identifier: Apache-2.0
// As if it were built against the headers of another version, with a symbol that this one lacks.
#include <pinfeed/data/catalogs.h>

extern "C" void a_function_of_version_0_0_9();
extern "C" [[gnu::visibility("default")]] const char* pinfeed_plugin_version() { return "0.0.9"; }
extern "C" [[gnu::visibility("default")]] void pinfeed_add_parts(pinfeed::Catalogs&) {
  a_function_of_version_0_0_9();
}
