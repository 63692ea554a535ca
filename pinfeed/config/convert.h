// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/core/geometry.h"

namespace pinfeed {

/// `convert<T>(value, path)` converts a config value to a C++ one, or throws Error(config) with the
/// span and the path ("train_dataloader.batch_size"). Rules: a bool is not a number; an int
/// converts to a float, a float does not convert to an int; None converts to std::optional; a list
/// or a tuple converts to std::vector, and to std::array if it has that length; (w, h) converts to
/// Size; std::variant is the first member that the value converts to; Value is any value.
///
/// A Converter has three static functions: from(value, path), wanted() (the type as the
/// documentation names it) and shown(value) (the config value of a C++ one).
template <class T>
struct Converter;

template <class T>
T convert(const Value& value, const std::string& path) {
  return Converter<T>::from(value, path);
}

/// The error of a value of the wrong type: "keep_ratio must be bool, not str 'yes'".
Error wrong_type(const Value& value, const std::string& path, const std::string& wanted);

/// The last step of a path: "a.b[2].c" -> "c", "a.b[2]" -> "b[2]".
std::string last_step(const std::string& path);

template <>
struct Converter<Value> {
  static Value from(const Value& value, const std::string&) { return value; }
  static std::string wanted() { return "any value"; }
  static Value shown(const Value& value) { return value; }
};

template <>
struct Converter<bool> {
  static bool from(const Value& value, const std::string& path);
  static std::string wanted() { return "bool"; }
  static Value shown(bool value) { return value; }
};

template <>
struct Converter<std::int64_t> {
  static std::int64_t from(const Value& value, const std::string& path);
  static std::string wanted() { return "int"; }
  static Value shown(std::int64_t value) { return value; }
};

template <>
struct Converter<int> {
  static int from(const Value& value, const std::string& path);
  static std::string wanted() { return "int"; }
  static Value shown(int value) { return value; }
};

template <>
struct Converter<double> {
  static double from(const Value& value, const std::string& path);
  static std::string wanted() { return "float"; }
  static Value shown(double value) { return value; }
};

template <>
struct Converter<std::string> {
  static std::string from(const Value& value, const std::string& path);
  static std::string wanted() { return "str"; }
  static Value shown(const std::string& value) { return value; }
};

template <>
struct Converter<Size> {
  static Size from(const Value& value, const std::string& path);
  static std::string wanted() { return "(w, h) of two ints"; }
  static Value shown(Size value) { return Tuple{{value.width, value.height}}; }
};

template <class T>
struct Converter<std::optional<T>> {
  static std::optional<T> from(const Value& value, const std::string& path) {
    if (value.is_none()) return std::nullopt;
    return convert<T>(value, path);
  }
  static std::string wanted() { return Converter<T>::wanted() + " or None"; }
  static Value shown(const std::optional<T>& value) {
    if (!value) return {};
    return Converter<T>::shown(*value);
  }
};

template <class T>
struct Converter<std::vector<T>> {
  static std::vector<T> from(const Value& value, const std::string& path) {
    if (!value.is_sequence()) throw wrong_type(value, path, wanted());
    std::vector<T> items;
    for (const Value& item : value.items()) {
      items.push_back(convert<T>(item, path + "[" + std::to_string(items.size()) + "]"));
    }
    return items;
  }
  static std::string wanted() { return "list of " + Converter<T>::wanted(); }
  static Value shown(const std::vector<T>& value) {
    List list;
    for (const T& item : value) list.items.push_back(Converter<T>::shown(item));
    return list;
  }
};

template <class T, std::size_t N>
struct Converter<std::array<T, N>> {
  static std::array<T, N> from(const Value& value, const std::string& path) {
    if (!value.is_sequence() || value.items().size() != N) throw wrong_type(value, path, wanted());
    std::array<T, N> items = {};
    for (std::size_t i = 0; i < N; ++i) {
      items[i] = convert<T>(value.items()[i], path + "[" + std::to_string(i) + "]");
    }
    return items;
  }
  static std::string wanted() {
    return "tuple of " + std::to_string(N) + " " + Converter<T>::wanted();
  }
  static Value shown(const std::array<T, N>& value) {
    Tuple tuple;
    for (const T& item : value) tuple.items.push_back(Converter<T>::shown(item));
    return tuple;
  }
};

template <class... Ts>
struct Converter<std::variant<Ts...>> {
  static std::variant<Ts...> from(const Value& value, const std::string& path) {
    std::optional<std::variant<Ts...>> found;
    (try_one<Ts>(value, path, found), ...);
    if (!found) throw wrong_type(value, path, wanted());
    return std::move(*found);
  }
  static std::string wanted() {
    std::string text;
    ((text += (text.empty() ? "" : " or ") + Converter<Ts>::wanted()), ...);
    return text;
  }
  static Value shown(const std::variant<Ts...>& value) {
    return std::visit([]<class T>(const T& member) { return Converter<T>::shown(member); }, value);
  }

 private:
  template <class T>
  static void try_one(const Value& value, const std::string& path,
                      std::optional<std::variant<Ts...>>& found) {
    if (found) return;
    try {
      found = std::variant<Ts...>(std::in_place_type<T>, convert<T>(value, path));
    } catch (const Error&) {
      return;  // the next member may fit
    }
  }
};

}  // namespace pinfeed
