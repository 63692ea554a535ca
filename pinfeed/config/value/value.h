// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed {

class Value;

/// A key of a dictionary. Integer keys keep their kind: {1: ...} is not {'1': ...}.
struct Key {
  std::string text = {};
  bool integer = false;
  bool operator==(const Key&) const = default;
};

/// A dictionary in insertion order.
class Dict {
 public:
  struct Entry;

  Dict() = default;
  inline Dict(const Dict&);  // these where Entry is complete
  inline Dict(Dict&&) noexcept;
  inline Dict& operator=(const Dict&);
  inline Dict& operator=(Dict&&) noexcept;
  inline ~Dict();

  const Value* find(std::string_view key) const;  // string keys only
  Value* find(std::string_view key);
  const Value* find(const Key& key) const;
  Value* find(const Key& key);
  /// Sets or replaces; a replaced key keeps its position. `span` is where the key is written.
  Value& set(Key key, Value value, SourceSpan span = {});
  Value& set(std::string_view key, Value value, SourceSpan span = {});
  bool erase(std::string_view key);
  std::size_t size() const;
  bool empty() const;
  const std::vector<Entry>& entries() const { return entries_; }
  std::vector<Entry>& entries() { return entries_; }
  std::vector<std::string> keys() const;

 private:
  std::vector<Entry> entries_;
};

/// The full name of a class or function that a config imports.
struct DottedName {
  std::string name = {};
  bool operator==(const DottedName&) const = default;
};

struct List {
  std::vector<Value> items;  // no initializer: Value is not complete yet
};

/// Not equal to a list with the same items, as in Python.
struct Tuple {
  std::vector<Value> items;
};

/// A value of a config, and where it was written. Copies are deep.
class Value {
 public:
  Value() = default;                                       // None
  Value(bool value) : data_(value) {}                      // NOLINT: values convert
  Value(std::int64_t value) : data_(value) {}              // NOLINT
  Value(int value) : data_(std::int64_t{value}) {}         // NOLINT
  Value(double value) : data_(value) {}                    // NOLINT
  Value(std::string value) : data_(std::move(value)) {}    // NOLINT
  Value(const char* value) : data_(std::string(value)) {}  // NOLINT
  Value(List value) : data_(std::move(value)) {}           // NOLINT
  Value(Tuple value) : data_(std::move(value)) {}          // NOLINT
  Value(Dict value) : data_(std::move(value)) {}           // NOLINT
  Value(DottedName value) : data_(std::move(value)) {}     // NOLINT

  bool is_none() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_int() const { return std::holds_alternative<std::int64_t>(data_); }
  bool is_float() const { return std::holds_alternative<double>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_list() const { return std::holds_alternative<List>(data_); }
  bool is_tuple() const { return std::holds_alternative<Tuple>(data_); }
  bool is_dict() const { return std::holds_alternative<Dict>(data_); }
  bool is_sequence() const { return is_list() || is_tuple(); }

  /// The value as that type. Call the matching is_...() first: another type is a
  /// std::bad_variant_access.
  bool boolean() const { return std::get<bool>(data_); }
  std::int64_t integer() const { return std::get<std::int64_t>(data_); }
  double real() const { return std::get<double>(data_); }
  const std::string& string() const { return std::get<std::string>(data_); }
  const Dict& dict() const& { return std::get<Dict>(data_); }
  Dict& dict() & { return std::get<Dict>(data_); }
  Dict&& dict() && { return std::get<Dict>(std::move(data_)); }
  const std::vector<Value>& items() const;  // of a list or tuple
  std::vector<Value>& items();
  const DottedName* dotted_name() const { return std::get_if<DottedName>(&data_); }

  /// The value of a key of a dictionary. Null if there is none, or if this is not a dictionary.
  const Value* find(std::string_view key) const;
  /// Whether the dictionary has the key with a value other than None.
  bool is_set(std::string_view key) const;
  /// "None", "bool", "int", "float", "str", "list", "tuple", "dict": as Python calls them.
  std::string kind_name() const;

  const SourceSpan& span() const { return span_; }
  Value& set_span(SourceSpan span) & {
    span_ = std::move(span);
    return *this;
  }
  Value&& set_span(SourceSpan span) && {
    span_ = std::move(span);
    return std::move(*this);
  }

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Tuple, Dict,
               DottedName>
      data_ = {};
  SourceSpan span_ = {};
};

struct Dict::Entry {
  Key key = {};
  Value value = {};
  SourceSpan span = {};  // where the key is written
};

inline Dict::Dict(const Dict&) = default;
inline Dict::Dict(Dict&&) noexcept = default;
inline Dict& Dict::operator=(const Dict&) = default;
inline Dict& Dict::operator=(Dict&&) noexcept = default;
inline Dict::~Dict() = default;

/// Compares content, not spans. 1 is not equal to 1.0, a list is not equal to a tuple.
bool operator==(const Value& a, const Value& b);

/// The result of Python's repr() on one line: "(1333, 800)", "'mmdet'", "1e-05". Dictionaries as
/// dict(type='Resize', ...). The shortest float text that reads back to the same double.
std::string repr(const Value& value);

}  // namespace pinfeed
