// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "pinfeed/config/convert.h"

namespace pinfeed {

/// The words a config may write for the values of an enumeration: specialise with
/// `static constexpr std::array<std::pair<std::string_view, E>, N> all`, in the order to be shown.
/// An `advice(const Value&)` beside it is the help of the error for another value; "" is none.
template <class E>
struct EnumNames;

/// A word out of a list: "interpolation must be 'bilinear' or 'nearest', not str 'cubic'".
template <class E>
requires requires { EnumNames<E>::all; }
struct Converter<E> {
  static E from(const Value& value, const std::string& path) {
    for (const auto& [word, meant] : EnumNames<E>::all) {
      if (value.is_string() && value.string() == word) return meant;
    }
    Error error = wrong_type(value, path, wanted());
    if constexpr (requires { EnumNames<E>::advice(value); })
      error.help(EnumNames<E>::advice(value));
    throw error;
  }
  static std::string wanted() {
    std::string text;
    for (const auto& [word, meant] : EnumNames<E>::all) {
      text += text.empty() ? "'" : " or '";
      text.append(word) += '\'';
    }
    return text;
  }
  static Value shown(E shown) {
    for (const auto& [word, meant] : EnumNames<E>::all) {
      if (meant == shown) return std::string(word);
    }
    return {};
  }
};

}  // namespace pinfeed
