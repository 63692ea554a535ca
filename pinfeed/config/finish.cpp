// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.3; docs/specs/decisions.md, 3.
#include "pinfeed/config/finish.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/config/older_generation.h"

namespace pinfeed {
namespace {

constexpr std::array<std::string_view, 4> reserved = {"filename", "text", "pretty_text",
                                                      "env_variables"};

void check_names(const Dict& root) {
  for (const Dict::Entry& entry : root.entries()) {
    for (const std::string_view name : reserved) {
      if (entry.key.text != name) continue;
      throw Error(
          ErrorKind::config,
          fmt::format("'{}' is reserved: OpenMMLab's Config has a member of that name", name))
          .at(entry.span)
          .help("choose another name");
    }
  }
}

// The packages whose parts pinfeed has under their names. Where it lacks one, reading the part is
// an error that names it. pinfeed.mmengine changes only OpenMMLab's Runner.
constexpr std::array<std::string_view, 9> known_packages = {
    "mmcv",      "mmengine", "mmdet",           "mmpretrain",      "mmcls",
    "mmselfsup", "mmyolo",   "projects.ViTDet", "pinfeed.mmengine"};

bool is_known_module(const std::string& module) {
  return std::any_of(known_packages.begin(), known_packages.end(), [&](std::string_view package) {
    return module == package || module.starts_with(std::string(package) + ".");
  });
}

// The names of the modules whose parts pinfeed does not know.
std::string unknown_modules(const Value& imports) {
  const Value* names = imports.find("imports");
  if (names == nullptr) return repr(imports);
  std::vector<std::string> unknown;
  const auto add = [&unknown](const Value& name) {
    const std::string module = name.is_string() ? name.string() : repr(name);
    if (!is_known_module(module)) unknown.push_back(module);
  };
  if (names->is_sequence())
    std::for_each(names->items().begin(), names->items().end(), add);
  else
    add(*names);
  return joined(unknown);
}

}  // namespace

Value finished(Dict root, std::vector<std::string>& warnings) {
  check_names(root);
  const Value* imports = root.find("custom_imports");
  if (imports != nullptr && !imports->is_none()) {
    const std::string modules = unknown_modules(*imports);
    if (!modules.empty()) warnings.push_back("custom_imports is not executed: " + modules);
  }
  Value whole(std::move(root));
  warn_of_older_generation(whole, warnings);
  return whole;
}

}  // namespace pinfeed
