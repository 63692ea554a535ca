// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/config/schema.h"

namespace pinfeed {

/// 'mmdet.Resize' -> scope 'mmdet', name 'Resize'; a dotted Python path keeps its last word.
struct TypeName {
  std::string scope = {};  // empty when none is written
  std::string name = {};
};

/// The name under the key 'type' of a part's dictionary. Throws Error(config) if `value` is not a
/// dictionary, has no 'type', or names a scope that is unknown.
TypeName type_of(const Value& value, const std::string& path);

/// Whether the value is a dictionary whose 'type' is a name, as that of a part.
bool has_type(const Value& value);

/// The error of a type that the catalog of this kind does not have, with the nearest name.
Error unknown_type(const std::string& kind, const Value& value, const std::string& path,
                   const std::vector<std::string>& names);

/// The error of adding a part with an existing name.
Error name_taken(const std::string& kind, const std::string& name);

/// The error of a part whose factory threw an exception that is not an Error.
Error factory_failed(const std::string& name, const std::exception& error, const Value& value,
                     const std::string& path);

/// The parts of one kind by name. `Made` is the type that a part is built as (Transform, Dataset),
/// `Context` is what its construction may use. Parts can be added at any time; a part replaces an
/// earlier one of the same name, until keep_names() is called.
template <class Made, class Context>
class Catalog {
 public:
  using Factory = std::function<Made(const Value&, const std::string& path, const Context&)>;

  explicit Catalog(std::string kind) : kind_(std::move(kind)) {}

  /// Adds a part: `factory(params, context)` builds it from its parsed parameters.
  template <class Params, class Make>
  void add_with(Make factory) {
    add_schema(schema_of<Params>(), std::move(factory));
  }
  /// The same with a schema, which also has the name.
  template <class Params, class Make>
  void add_schema(Schema<Params> schema, Make factory) {
    PartDoc doc = schema.doc();
    const auto parse = [schema](const Value& value, const std::string& path) {
      (void)schema.parse(value, path);
    };
    add_entry({std::move(doc), parse,
               [schema = std::move(schema), factory](const Value& value, const std::string& path,
                                                     const Context& context) -> Made {
                 const Params params = schema.parse(value, path);
                 try {
                   return factory(params, context);
                 } catch (Error& error) {
                   throw error.at(value.span()).inside(path);
                 }
               }});
  }

  /// Builds the part of value's 'type'. Throws Error(config) for an unknown one.
  Made make(const Value& value, const std::string& path, const Context& context) const {
    const TypeName type = type_of(value, path);
    for (const Entry& entry : entries_) {
      if (entry.doc.name != type.name) continue;
      return entry.from_plugin ? make_from_plugin(entry, value, path, context)
                               : entry.factory(value, path, context);
    }
    throw unknown_type(kind_, value, path, names());
  }

  /// Parses the keys of the part of value's 'type' without building it. Returns false if there is
  /// no such part.
  bool check(const Value& value, const std::string& path) const {
    const TypeName type = type_of(value, path);
    for (const Entry& entry : entries_) {
      if (entry.doc.name != type.name) continue;
      entry.parse(value, path);
      return true;
    }
    return false;
  }

  /// Ends the built-in parts. From now on adding an existing name throws Error(config), and so does
  /// building an added part whose factory throws an exception that is not an Error.
  void keep_names() { names_kept_ = true; }

  bool has(std::string_view name) const {
    for (const Entry& entry : entries_) {
      if (entry.doc.name == name) return true;
    }
    return false;
  }
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const Entry& entry : entries_) all.push_back(entry.doc.name);
    return all;
  }
  /// The name of the kind in error messages and `pinfeed list`: "transform", "dataset".
  const std::string& kind() const { return kind_; }
  std::vector<PartDoc> docs() const {
    std::vector<PartDoc> all;
    for (const Entry& entry : entries_) all.push_back(entry.doc);
    return all;
  }

 private:
  struct Entry {
    PartDoc doc;
    std::function<void(const Value&, const std::string& path)> parse;
    Factory factory;
    bool from_plugin = false;
  };
  void add_entry(Entry added) {
    added.from_plugin = names_kept_;
    for (Entry& entry : entries_) {
      if (entry.doc.name != added.doc.name) continue;
      if (names_kept_) throw name_taken(kind_, added.doc.name);
      entry = std::move(added);
      return;
    }
    entries_.push_back(std::move(added));
  }

  static Made make_from_plugin(const Entry& entry, const Value& value, const std::string& path,
                               const Context& context) {
    try {
      return entry.factory(value, path, context);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      throw factory_failed(entry.doc.name, error, value, path);
    }
  }

  std::string kind_;
  std::vector<Entry> entries_;
  bool names_kept_ = false;
};

}  // namespace pinfeed
