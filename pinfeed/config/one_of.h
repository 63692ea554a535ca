// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pinfeed/config/catalog.h"
#include "pinfeed/config/schema.h"

namespace pinfeed {

/// A nested part that is one of a few types, chosen by its key 'type', with or without a scope:
/// backbone=dict(type='mmdet.ViT', ...). Converts as a member of another part's parameters; the
/// first type is the default.
template <class... Parts>
struct OneOf {
  std::variant<Parts...> part = {};

  template <class Part>
  const Part* as() const {
    return std::get_if<Part>(&part);
  }
  /// The part, if there is only one type.
  const auto& get() const requires(sizeof...(Parts) == 1) { return std::get<0>(part); }
};

template <class... Parts>
struct Converter<OneOf<Parts...>> {
  static OneOf<Parts...> from(const Value& value, const std::string& path) {
    const std::string name = type_of(value, path).name;
    OneOf<Parts...> chosen;
    if ((try_part<Parts>(name, value, path, chosen) || ...)) return chosen;
    throw Error(ErrorKind::config, last_step(path) + " cannot be of type '" + name + "'")
        .at(value.find("type")->span())
        .inside(path + ".type")
        .help("the types here are: " + joined({std::string(Parts::name)...}));
  }
  static std::string wanted() { return "dict of " + joined({std::string(Parts::name)...}); }
  static Value shown(const OneOf<Parts...>& value) {
    Dict dict;
    dict.set("type",
             std::visit([](const auto& part) { return std::string(part.name); }, value.part));
    return dict;
  }

 private:
  template <class Part>
  static bool try_part(const std::string& name, const Value& value, const std::string& path,
                       OneOf<Parts...>& chosen) {
    if (name != Part::name) return false;
    chosen.part = schema_of<Part>().parse(value, path);
    return true;
  }
};

}  // namespace pinfeed
