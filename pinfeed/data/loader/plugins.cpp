// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/data/loader/plugins.h"

#include <dlfcn.h>

#include <filesystem>

#include "pinfeed/core/error.h"
#include "pinfeed/core/version.h"
#include "pinfeed/data/loader/builtin_catalogs.h"

namespace pinfeed {
namespace {

using AddParts = void (*)(Catalogs&);
using VersionOf = const char* (*)();

// An absolute path, because dlopen() searches the system's folders for a plain file name.
void* open_library(const std::string& path, int flags) {
  const std::string whole = std::filesystem::absolute(path).string();
  if (void* library = dlopen(whole.c_str(), flags | RTLD_LOCAL)) return library;
  std::string reason = dlerror();
  if (reason.starts_with(whole + ": ")) reason.erase(0, whole.size() + 2);
  throw Error(ErrorKind::config, "cannot open the plugin " + path + ": " + reason)
      .help("a plugin is a shared library that is linked with pinfeed::pinfeed " +
            std::string(headers_version));
}

void* symbol(void* library, const char* name, const std::string& path) {
  if (void* found = dlsym(library, name)) return found;
  throw Error(ErrorKind::config, path + " is not a pinfeed plugin: it has no " + name)
      .help("include \"pinfeed/plugin.h\" and define pinfeed_add_parts()");
}

void require_same_version(void* library, const std::string& path) {
  const std::string version =
      reinterpret_cast<VersionOf>(symbol(library, "pinfeed_plugin_version", path))();
  if (version == headers_version) return;
  throw Error(ErrorKind::config, "the plugin " + path + " is built against pinfeed " + version +
                                     "; this is pinfeed " + headers_version)
      .help("build the plugin again");
}

void keep_names(Catalogs& catalogs) {
  catalogs.transforms.keep_names();
  catalogs.datasets.keep_names();
  catalogs.samplers.keep_names();
  catalogs.batch_samplers.keep_names();
  catalogs.collates.keep_names();
  catalogs.hooks.keep_names();
  catalogs.models.keep_names();
}

}  // namespace

// The symbols are bound after the version check: another version may lack some of them.
void add_plugin(Catalogs& catalogs, const std::string& path) {
  require_same_version(open_library(path, RTLD_LAZY), path);
  void* library = open_library(path, RTLD_NOW);
  const auto add_parts = reinterpret_cast<AddParts>(symbol(library, "pinfeed_add_parts", path));
  keep_names(catalogs);
  try {
    add_parts(catalogs);
  } catch (Error& error) {
    throw error.with_context(ActionContext{"adding the parts of the plugin " + path});
  } catch (const std::exception& error) {
    throw Error(ErrorKind::config, "the plugin " + path + " threw an exception: " + error.what());
  } catch (...) {
    throw Error(ErrorKind::config,
                "the plugin " + path + " threw an exception that is not a std::exception");
  }
}

Catalogs builtin_and(const std::vector<std::string>& plugins) {
  Catalogs catalogs = builtin();
  for (const std::string& path : plugins) add_plugin(catalogs, path);
  return catalogs;
}

}  // namespace pinfeed
