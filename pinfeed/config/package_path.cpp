// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.2; docs/specs/decisions.md, 2.
#include "pinfeed/config/package_path.h"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>

namespace pinfeed {
namespace {

using Folder = std::pair<std::string, std::string>;

// The folders of PINFEED_CONFIG_PATH: NAME=DIR:NAME=DIR.
std::vector<Folder> environment_folders() {
  const char* text = std::getenv("PINFEED_CONFIG_PATH");
  std::vector<Folder> folders;
  std::string_view rest = text == nullptr ? "" : text;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) continue;
    folders.emplace_back(part.substr(0, equals), part.substr(equals + 1));
  }
  return folders;
}

void mark(Value& value, const std::string& scope) {
  if (value.is_sequence()) {
    for (Value& item : value.items()) mark(item, scope);
  }
  if (!value.is_dict()) return;
  if (value.find("type") != nullptr) {
    if (value.find("_scope_") == nullptr)
      value.dict().set("_scope_", Value(scope).set_span(value.span()));
    return;
  }
  for (Dict::Entry& entry : value.dict().entries()) mark(entry.value, scope);
}

}  // namespace

std::optional<PackagePath> split_package(const std::string& path) {
  const std::size_t colons = path.find("::");
  if (colons == std::string::npos) return std::nullopt;
  return PackagePath{path.substr(0, colons), path.substr(colons + 2)};
}

std::string package_file(const PackagePath& path, const ReadOptions& options,
                         const SourceSpan& from) {
  std::vector<Folder> folders = options.config_paths;
  for (Folder& folder : environment_folders()) folders.push_back(std::move(folder));
  bool named = false;
  for (const Folder& folder : folders) {
    if (folder.first != path.name) continue;
    named = true;
    for (const char* below : {".mim/configs", "configs", ".mim", ".", path.name.c_str()}) {
      const auto file = std::filesystem::path(folder.second) / below / path.file;
      std::error_code code;
      if (std::filesystem::is_regular_file(file, code)) return file.lexically_normal().string();
    }
  }
  const std::string text = fmt::format("the base '{}::{}' is not found", path.name, path.file);
  const std::string help =
      named ? fmt::format("the folders given for {} do not contain it", path.name)
            : fmt::format(
                  "pass the folder of the package: --config-path {}=DIR, or "
                  "PINFEED_CONFIG_PATH={}=DIR",
                  path.name, path.name);
  throw Error(ErrorKind::config, text).at(from).help(help);
}

void add_scope(Dict& root, const std::string& scope) {
  for (Dict::Entry& entry : root.entries()) mark(entry.value, scope);
}

}  // namespace pinfeed
