// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.3; docs/specs/decisions.md, 3.
#include "pinfeed/config/finish.h"

#include <fmt/format.h>

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

std::string module_names(const Value& imports) {
  const Value* names = imports.find("imports");
  if (names == nullptr) return repr(imports);
  if (!names->is_sequence()) return names->is_string() ? names->string() : repr(*names);
  std::vector<std::string> all;
  for (const Value& name : names->items())
    all.push_back(name.is_string() ? name.string() : repr(name));
  return joined(all);
}

}  // namespace

Value finished(Dict root, std::vector<std::string>& warnings) {
  check_names(root);
  const Value* imports = root.find("custom_imports");
  if (imports != nullptr && !imports->is_none()) {
    warnings.push_back("custom_imports is not executed: " + module_names(*imports));
  }
  Value whole(std::move(root));
  warn_of_older_generation(whole, warnings);
  return whole;
}

}  // namespace pinfeed
