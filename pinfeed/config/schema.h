// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "pinfeed/config/convert.h"
#include "pinfeed/config/value/value.h"

namespace pinfeed {

/// Converts a pointer to a member of Base to a pointer to a member of T, which derives from Base,
/// for the functions of Schema.
template <class T, class Base, class M>
constexpr M T::*own(M Base::*member) {
  return member;
}

/// used: it has an effect. accepted: any effect it asks for is what pinfeed does in every case.
/// refused: an error with the reason, unless the value is None or False.
enum class KeyUse { used, accepted, refused };

/// The documentation of a key, for `pinfeed list` and error messages.
struct KeyDoc {
  std::string name = {};
  std::string type = {};
  std::string default_text = {};  // empty: required
  std::string meaning = {};       // or the reason it is refused
  KeyUse use = KeyUse::used;
};

/// The documentation of a part, for `pinfeed list`.
struct PartDoc {
  std::string name = {};
  std::string summary = {};
  std::vector<KeyDoc> keys = {};
};

/// The closed interval of the valid values of a number. An infinite end is no limit.
struct Range {
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};
inline Range at_least(double low) { return {.low = low}; }
inline Range between(double low, double high) { return {low, high}; }
/// For numbers of epochs, iterations and steps: with at most 2^31 - 1, products do not overflow.
inline Range count_from(double low) { return {low, 2147483647.0}; }

/// Throws Error(config) when `number` is outside: "batch_size is -4; it must be at least 1".
void check_range(double number, const Range& range, const Value& value, const std::string& path);

/// Throws the error of a key that the part does not have; the help line has the nearest key and all
/// keys.
[[noreturn]] void throw_unknown_key(const PartDoc& doc, const Dict::Entry& entry,
                                    const std::string& path);
[[noreturn]] void throw_refused_key(const PartDoc& doc, const KeyDoc& key, const Dict::Entry& entry,
                                    const std::string& path);
[[noreturn]] void throw_missing_key(const PartDoc& doc, const KeyDoc& key, const Value& value,
                                    const std::string& path);
/// Throws Error(config) if the value is not a dictionary.
void require_dict(const Value& value, const std::string& path);

/// Maps the keys of a config dictionary to the members of a struct of parameters, with the meaning
/// of each key. Types and defaults come from the struct. The function describe(schema) of a part
/// adds the keys; parse() reads a dictionary strictly: every key is used, accepted or an error. The
/// keys 'type' and '_scope_' belong to the catalog and are skipped.
template <class T>
class Schema {
 public:
  explicit Schema(std::string name) { doc_.name = std::move(name); }

  Schema& summary(std::string text) {
    doc_.summary = std::move(text);
    return *this;
  }
  template <class M>
  Schema& required(std::string key, M T::*member, std::string meaning, Range range = {}) {
    return add(std::move(key), member, std::move(meaning), range, true);
  }
  template <class M>
  Schema& optional(std::string key, M T::*member, std::string meaning, Range range = {}) {
    return add(std::move(key), member, std::move(meaning), range, false);
  }
  /// The keys and checks of a nested struct, read from the same dictionary. Defaults are those that
  /// T gives to the member.
  template <class N>
  Schema& include(N T::*member) {
    return include_from<N>([member](auto& params) -> auto& { return params.*member; });
  }
  /// The keys and checks of a struct of common keys that T derives from.
  template <class Common>
  requires std::is_base_of_v<Common, T> Schema& include() {
    return include_from<Common>([](auto& params) -> auto& { return params; });
  }
  /// Replaces the meaning of a key that is already described, for one that include() added.
  Schema& meaning(std::string_view key, const std::string& text) {
    for (KeyDoc& doc : doc_.keys) {
      if (doc.name == key) doc.meaning = text;
    }
    return *this;
  }
  /// A key that has no effect, whatever its value: pinfeed behaves as it asks in every case.
  Schema& accepted(std::string key, std::string meaning) {
    doc_.keys.push_back({std::move(key), "any value", "-", std::move(meaning), KeyUse::accepted});
    access_.push_back({});
    return *this;
  }
  /// A key whose value is parsed and checked but has no effect.
  template <class M>
  Schema& accepted(std::string key, M T::*member, std::string meaning, Range range = {}) {
    optional(std::move(key), member, std::move(meaning), range);
    doc_.keys.back().use = KeyUse::accepted;
    return *this;
  }
  /// A key of OpenMMLab that pinfeed does not support. None and False are accepted, other values
  /// are an error.
  Schema& refused(std::string key, std::string reason) {
    doc_.keys.push_back({std::move(key), "None", "None", std::move(reason), KeyUse::refused});
    access_.push_back({});
    return *this;
  }
  /// A rule over several keys, checked after all keys are parsed. It throws Error(config) with only
  /// a text; span and path are added.
  Schema& check(void (*rule)(const T&)) {
    checks_.push_back(rule);
    return *this;
  }

  const PartDoc& doc() const { return doc_; }

  /// The dictionary with every key that parse() reads as `params`.
  Dict shown(const T& params) const {
    Dict dict;
    for (std::size_t i = 0; i < access_.size(); ++i) {
      if (access_[i].get) dict.set(doc_.keys[i].name, access_[i].get(params));
    }
    return dict;
  }

  /// Reads a dictionary; `path` is its path in the config, "train_dataloader.dataset". Throws
  /// Error(config).
  T parse(const Value& value, const std::string& path) const {
    require_dict(value, path);
    T params = {};
    std::vector<bool> seen(doc_.keys.size(), false);
    for (const Dict::Entry& entry : value.dict().entries()) {
      if (entry.key.text == "type" || entry.key.text == "_scope_") continue;
      read(params, seen, entry, path);
    }
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (!seen[i] && doc_.keys[i].default_text.empty()) {
        throw_missing_key(doc_, doc_.keys[i], value, path);
      }
    }
    run_checks(params, value, path);
    return params;
  }

 private:
  template <class>
  friend class Schema;
  /// How the member of a key is written and read; both empty for a key without a member.
  struct Access {
    std::function<void(T&, const Value&, const std::string& path)> set = {};
    std::function<Value(const T&)> get = {};
  };

  /// `part` maps a T& to the N& inside it; const is kept.
  template <class N, class Part>
  Schema& include_from(Part part) {
    Schema<N> inner(doc_.name);
    describe(inner);
    for (std::size_t i = 0; i < inner.access_.size(); ++i) {
      add_key(inner.doc_.keys[i], within(inner.access_[i], part));
    }
    for (const auto& rule : inner.checks_) {
      checks_.push_back([part, rule](const T& params) { rule(part(params)); });
    }
    return *this;
  }
  /// The access to a member of N as the access to a member of T.
  template <class Inner, class Part>
  static Access within(const Inner& inner, Part part) {
    if (!inner.set) return {};
    return {[part, set = inner.set](T& params, const Value& value, const std::string& path) {
              set(part(params), value, path);
            },
            [part, get = inner.get](const T& params) { return get(part(params)); }};
  }
  void add_key(KeyDoc key, Access access) {
    const bool has_default = !key.default_text.empty();
    if (has_default && access.get) key.default_text = repr(access.get(T{}));
    doc_.keys.push_back(std::move(key));
    access_.push_back(std::move(access));
  }

  template <class M>
  Schema& add(std::string key, M T::*member, std::string meaning, Range range, bool required) {
    const std::string standard = required ? "" : "None";  // add_key() writes the default of T
    add_key({std::move(key), Converter<M>::wanted(), standard, std::move(meaning)},
            {[member, range](T& params, const Value& value, const std::string& path) {
               params.*member = convert<M>(value, path);
               check_number(params.*member, range, value, path);
             },
             [member](const T& params) { return Converter<M>::shown(params.*member); }});
    return *this;
  }

  template <class M>
  static void check_number([[maybe_unused]] const M& number, [[maybe_unused]] const Range& range,
                           [[maybe_unused]] const Value& value,
                           [[maybe_unused]] const std::string& path) {
    if constexpr (std::is_arithmetic_v<M> && !std::is_same_v<M, bool>) {
      check_range(static_cast<double>(number), range, value, path);
    }
  }
  template <class M>
  static void check_number(const std::optional<M>& number, const Range& range, const Value& value,
                           const std::string& path) {
    if (number) check_number(*number, range, value, path);
  }

  void read(T& params, std::vector<bool>& seen, const Dict::Entry& entry,
            const std::string& path) const {
    const std::string key_path = path.empty() ? entry.key.text : path + "." + entry.key.text;
    for (std::size_t i = 0; i < doc_.keys.size(); ++i) {
      const KeyDoc& key = doc_.keys[i];
      if (key.name != entry.key.text) continue;
      seen[i] = true;
      const bool off = entry.value.is_none() || (entry.value.is_bool() && !entry.value.boolean());
      if (key.use == KeyUse::refused && !off) throw_refused_key(doc_, key, entry, key_path);
      if (access_[i].set) access_[i].set(params, entry.value, key_path);
      return;
    }
    throw_unknown_key(doc_, entry, key_path);
  }

  void run_checks(const T& params, const Value& value, const std::string& path) const {
    try {
      for (const auto& rule : checks_) rule(params);
    } catch (Error& error) {
      throw error.at(value.span()).inside(path);
    }
  }

  PartDoc doc_;
  std::vector<Access> access_;  // one per key
  std::vector<std::function<void(const T&)>> checks_;
};

/// The schema of a struct of parameters that has `name` and `describe(Schema<T>&)`.
template <class T>
Schema<T> schema_of() {
  Schema<T> schema{std::string(T::name)};
  describe(schema);
  return schema;
}

/// Converts a nested dictionary to a struct that has `describe`, as a member of another struct.
template <class T>
requires(std::is_class_v<T>&& requires(Schema<T>& schema) {
  describe(schema);
}) struct Converter<T> {
  static T from(const Value& value, const std::string& path) {
    return schema_of<T>().parse(value, path);
  }
  static std::string wanted() { return "dict"; }
  static Value shown(const T&) { return Dict{}; }
};

}  // namespace pinfeed
