// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "pinfeed/config/convert.h"

namespace pinfeed {

/// The names in configs for the values of an enumeration. Specialise it with `static constexpr
/// std::array<std::pair<std::string_view, E>, N> all`, in the order of the documentation. An
/// optional static member advice(const Value&) gives the help line of the error for another value;
/// "" is none.
template <class E>
struct EnumNames;

/// One of a list of names: "interpolation must be 'bilinear' or 'nearest', not str 'cubic'".
template <class E>
requires requires { EnumNames<E>::all; }
struct Converter<E> {
  static E from(const Value& value, const std::string& path) {
    for (const auto& [name, enumerator] : EnumNames<E>::all) {
      if (value.is_string() && value.string() == name) return enumerator;
    }
    Error error = wrong_type(value, path, wanted());
    if constexpr (requires { EnumNames<E>::advice(value); })
      error.help(EnumNames<E>::advice(value));
    throw error;
  }
  static std::string wanted() {
    std::string text;
    for (const auto& [name, enumerator] : EnumNames<E>::all) {
      text += text.empty() ? "'" : " or '";
      text.append(name) += '\'';
    }
    return text;
  }
  static Value shown(E value) {
    for (const auto& [name, enumerator] : EnumNames<E>::all) {
      if (enumerator == value) return std::string(name);
    }
    return {};
  }
};

}  // namespace pinfeed
