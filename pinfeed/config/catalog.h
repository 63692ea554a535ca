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

/// The name under the key 'type' of a part's dictionary. Throws Error(config) when `value` is no
/// dictionary, has no 'type', or names a scope that is unknown.
TypeName type_of(const Value& value, const std::string& path);

/// The error of a type that no catalog of this kind has, with the nearest name.
Error unknown_type(const std::string& kind, const Value& value, const std::string& path,
                   const std::vector<std::string>& names);

/// The error of adding a part under a name that another has.
Error name_taken(const std::string& kind, const std::string& name);

/// The error of a part whose maker threw an exception of its own.
Error threw_when_made(const std::string& name, const std::exception& error, const Value& value,
                      const std::string& path);

/// The parts of one kind by name. `Made` is what a part becomes (a Transform, a Dataset...);
/// `Context` is what making one may need. Open: parts can be added after the built-in ones; a
/// later part of the same name replaces the earlier one, until keep_names().
template <class Made, class Context>
class Catalog {
 public:
  using Maker = std::function<Made(const Value&, const std::string& path, const Context&)>;

  explicit Catalog(std::string kind) : kind_(std::move(kind)) {}

  /// `maker(params, context)` turns the parsed parameters into the made thing.
  template <class Params, class Make>
  void add_with(Make maker) {
    add_schema(schema_of<Params>(), std::move(maker));
  }
  /// The same under the name that the schema carries.
  template <class Params, class Make>
  void add_schema(Schema<Params> schema, Make maker) {
    PartDoc doc = schema.doc();
    const auto parse = [schema](const Value& value, const std::string& path) {
      (void)schema.parse(value, path);
    };
    add_entry({std::move(doc), parse,
               [schema = std::move(schema), maker](const Value& value, const std::string& path,
                                                   const Context& context) -> Made {
                 const Params params = schema.parse(value, path);
                 try {
                   return maker(params, context);
                 } catch (Error& error) {
                   throw error.at(value.span()).inside(path);
                 }
               }});
  }

  /// Builds the part that value's 'type' names.
  Made make(const Value& value, const std::string& path, const Context& context) const {
    const TypeName type = type_of(value, path);
    for (const Entry& entry : entries_) {
      if (entry.doc.name != type.name) continue;
      return entry.foreign ? made_abroad(entry, value, path, context)
                           : entry.maker(value, path, context);
    }
    throw unknown_type(kind_, value, path, names());
  }

  /// Reads the keys of the part that value's 'type' names, and makes nothing. Says whether there is
  /// such a part.
  bool check(const Value& value, const std::string& path) const {
    const TypeName type = type_of(value, path);
    for (const Entry& entry : entries_) {
      if (entry.doc.name != type.name) continue;
      entry.parse(value, path);
      return true;
    }
    return false;
  }

  /// From now on adding a name that is taken throws Error(config), and so does making an added part
  /// whose maker throws an exception that is no Error.
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
  /// "transform", "dataset"...: what error messages and `pinfeed list` call these parts.
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
    Maker maker;
    bool foreign = false;
  };
  void add_entry(Entry added) {
    added.foreign = names_kept_;
    for (Entry& entry : entries_) {
      if (entry.doc.name != added.doc.name) continue;
      if (names_kept_) throw name_taken(kind_, added.doc.name);
      entry = std::move(added);
      return;
    }
    entries_.push_back(std::move(added));
  }

  static Made made_abroad(const Entry& entry, const Value& value, const std::string& path,
                          const Context& context) {
    try {
      return entry.maker(value, path, context);
    } catch (const Error&) {
      throw;
    } catch (const std::exception& error) {
      throw threw_when_made(entry.doc.name, error, value, path);
    }
  }

  std::string kind_;
  std::vector<Entry> entries_;
  bool names_kept_ = false;
};

}  // namespace pinfeed
