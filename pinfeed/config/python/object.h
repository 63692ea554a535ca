// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/core/arena.h"

namespace pinfeed::python {

struct Object;
/// Several names may refer to one object. The Heap owns all objects.
using Ref = Object*;

/// A SourceSpan during evaluation. It points to a source that the Heap keeps, so copies are cheap.
struct Location {
  const std::shared_ptr<const SourceText>* source = nullptr;  // null: nowhere
  int line = 0;
  int column = 0;
  int length = 1;

  operator SourceSpan() const {  // NOLINT: errors and values take a SourceSpan
    return source == nullptr ? SourceSpan{} : SourceSpan{*source, line, column, length};
  }
};

struct ListObject {
  std::vector<Ref> items = {};
};
struct TupleObject {
  std::vector<Ref> items = {};
};

/// A dictionary. Those of bases have attributes: d.key is d['key'].
class DictObject {
 public:
  struct Entry {
    Key key = {};
    Ref value = nullptr;
    Location span = {};  // of the key
  };

  explicit DictObject(bool has_attributes = false) : has_attributes_(has_attributes) {}
  /// Of entries whose keys all differ.
  explicit DictObject(std::vector<Entry> entries);
  const Entry* entry(std::string_view key, bool integer = false) const;
  const Entry* entry(const Key& key) const { return entry(key.text, key.integer); }
  Ref find(const Key& key) const;
  Ref find(std::string_view key) const;
  void set(Key key, Ref value, const Location& location);
  void erase(const Key& key);
  const std::vector<Entry>& entries() const { return entries_; }
  std::vector<std::string> names() const;
  bool has_attributes() const { return has_attributes_; }

 private:
  std::size_t slot_of(std::string_view key, bool integer) const;
  void index_all();

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // of many entries: a hash table of their positions plus 1
  bool has_attributes_ = false;
};

struct RangeObject {
  std::int64_t start = 0, stop = 0, step = 1;
};
/// A function of Python or of the module copy: "dict", "copy.deepcopy".
struct FunctionObject {
  std::string_view name = {};
};
struct MethodObject {
  Ref self = nullptr;
  std::string name = {};
};
struct ModuleObject {
  std::string name = {};
};
/// A name that a pure-Python config imports. The module is never opened.
struct LazyObject {
  std::string name = {};
};
/// {{ _base_.a.b }}: replaced by the base's value when all is evaluated.
struct ReferenceObject {
  std::vector<std::string> path = {};
};

using Data = std::variant<std::monostate, bool, std::int64_t, double, std::string, ListObject,
                          TupleObject, DictObject, RangeObject, FunctionObject, MethodObject,
                          ModuleObject, ReferenceObject, LazyObject>;

/// A value while the config is evaluated, and where it was written.
struct Object {
  Data data = {};
  Location span = {};

  template <class T>
  const T* as() const {
    return std::get_if<T>(&data);
  }
  template <class T>
  T* as() {
    return std::get_if<T>(&data);
  }
  /// The items of a list or tuple, or null.
  const std::vector<Ref>* items() const;
};

/// The name of the type in Python: "int", "str", "dict".
std::string kind_name(const Object& object);
/// The kind, with the value where that is short: "int 3", "str 'ab'", "list".
std::string described(const Object& object);

/// Owns the objects of one evaluation and limits their memory: 'a' * 10**9 is an error.
class Heap {
 public:
  Ref make(Data data, const Location& location);
  /// Counts `bytes` more of memory. Throws Error(config) at `location` beyond the limit.
  void charge(std::uint64_t bytes, const Location& location);
  /// The heap's copy of the pointer, valid as long as the heap.
  const std::shared_ptr<const SourceText>* keep(const std::shared_ptr<const SourceText>& source);
  Location location(const SourceSpan& location) {
    return {keep(location.source), location.line, location.column, location.length};
  }

 private:
  Arena arena_;
  std::pmr::deque<Object> objects_{&arena_};
  std::deque<std::shared_ptr<const SourceText>> sources_;
  std::uint64_t used_ = 0;
};

/// The object of a config value; dictionaries have attributes.
Ref to_object(Heap& heap, const Value& value);
/// The config value of an object, a deep copy; {{ _base_.x }} is looked up in `base`. Throws
/// Error(config) for other types, such as functions and ranges, and for a list inside itself.
Value to_value(const Object& object, Ref base = nullptr);
/// The object that a dictionary with attributes stores: plain dictionaries are converted to
/// dictionaries with attributes, containers are copied, as ConfigDict of OpenMMLab does.
Ref to_config_object(Heap& heap, Ref value, int depth = 0);

}  // namespace pinfeed::python
