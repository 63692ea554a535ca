// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/cli/torch_folder.h"

#include <glob.h>

#include <cstdlib>

#include "pinfeed/core/error.h"
#include "pinfeed/core/file.h"

namespace pinfeed::cli {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::vector<fs::path> torch_folders_in(const fs::path& python_environment) {
  std::vector<fs::path> found;
  const std::string pattern = python_environment / "lib/python3*/site-packages/torch";
  glob_t matches = {};
  if (::glob(pattern.c_str(), 0, nullptr, &matches) == 0) {
    found.assign(matches.gl_pathv, matches.gl_pathv + matches.gl_pathc);
  }
  ::globfree(&matches);
  return found;
}

// "2.13.0" of a line "__version__ = '2.13.0+cpu'" in version.py; empty if there is none.
std::string version_in(const fs::path& torch) {
  std::error_code none;
  const fs::path file = torch / "version.py";
  if (!fs::exists(torch / "lib/libtorch.so", none) || !fs::exists(file, none)) return "";
  const std::string text = read_regular_text(file, ErrorKind::system);
  constexpr std::string_view key = "__version__ = '";
  const std::size_t at = text.find(key);
  if (at == std::string::npos) return "";
  const std::size_t start = at + key.size();
  return text.substr(start, text.find_first_of("'+", start) - start);
}

std::vector<fs::path> named_torch(const fs::path& folder) {
  const std::string version = version_in(folder);
  if (version == torch_version()) return {folder};
  const std::string name = "PINFEED_TORCH is '" + folder.string() + "', ";
  const std::string what = version.empty() ? "which has no lib/libtorch.so or no version.py"
                                           : "which is torch " + version;
  throw Error(ErrorKind::system, name + what)
      .help("it must name <site-packages>/torch of torch " + torch_version());
}

}  // namespace

const std::string& torch_version() {
  static const std::string version = PINFEED_TORCH_VERSION;
  return version;
}

bool torch_is_named() {
  const std::string named = environment("PINFEED_TORCH");
  return !named.empty() && named != "none";
}

std::vector<fs::path> torch_folders(const fs::path& prefix) {
  if (torch_is_named()) return named_torch(fs::absolute(environment("PINFEED_TORCH")));
  std::vector<fs::path> found;
  for (const fs::path& place :
       {fs::path(environment("VIRTUAL_ENV")), fs::path(environment("CONDA_PREFIX")), prefix}) {
    if (!place.is_absolute()) continue;
    for (const fs::path& torch : torch_folders_in(place)) {
      if (version_in(torch) == torch_version()) found.push_back(torch);
    }
  }
  return found;
}

}  // namespace pinfeed::cli
