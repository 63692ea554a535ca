// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 3.
#include "pinfeed/config/catalog.h"

#include <algorithm>
#include <array>

namespace pinfeed {
namespace {

constexpr std::array<std::string_view, 8> scopes = {"mmengine", "mmcv",     "mmdet",   "mmpretrain",
                                                    "mmyolo",   "mmrotate", "pinfeed", "torch"};

const Value& type_value(const Value& value, const std::string& path) {
  require_dict(value, path);
  const Value* type = value.find("type");
  if (type == nullptr) {
    throw Error(ErrorKind::config, "a part needs the key 'type'").at(value.span()).inside(path);
  }
  return *type;
}

std::string text_of(const Value& type, const std::string& path) {
  if (const DottedName* dotted = type.dotted_name()) return dotted->name;
  return convert<std::string>(type, path + ".type");
}

}  // namespace

bool has_type(const Value& value) {
  const Value* type = value.find("type");
  return type != nullptr && (type->is_string() || type->dotted_name() != nullptr);
}

TypeName type_of(const Value& value, const std::string& path) {
  const Value& type = type_value(value, path);
  const std::string text = text_of(type, path);
  const std::size_t dot = text.find('.');
  if (dot == std::string::npos) return {"", text};
  const std::string scope = text.substr(0, dot);
  if (std::find(scopes.begin(), scopes.end(), scope) == scopes.end()) {
    throw Error(ErrorKind::config, "unknown scope '" + scope + "' in type '" + text + "'")
        .at(type.span())
        .inside(path + ".type")
        .help("the scopes are " + joined({scopes.begin(), scopes.end()}));
  }
  return {scope, text.substr(text.rfind('.') + 1)};
}

Error unknown_type(const std::string& kind, const Value& value, const std::string& path,
                   const std::vector<std::string>& names) {
  const Value& type = type_value(value, path);
  const std::string near = nearest(type_of(value, path).name, names);
  const std::string guess = near.empty() ? "" : "did you mean '" + near + "'? ";
  return Error(ErrorKind::config, "there is no " + kind + " '" + text_of(type, path) + "'")
      .at(type.span())
      .inside(path + ".type")
      .help(guess + "`pinfeed list " + kind + "` shows them all");
}

Error name_taken(const std::string& kind, const std::string& name) {
  return Error(ErrorKind::config, "there is a " + kind + " '" + name + "' already")
      .help("give it another name");
}

Error factory_failed(const std::string& name, const std::exception& error, const Value& value,
                     const std::string& path) {
  return Error(ErrorKind::config, name + " threw an exception: " + error.what())
      .at(value.span())
      .inside(path);
}

}  // namespace pinfeed
