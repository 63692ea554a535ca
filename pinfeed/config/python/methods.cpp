// SPDX-License-Identifier: Apache-2.0
// The methods of lists, dictionaries and strings.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <unordered_map>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/format_method.h"
#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/operators.h"
#include "pinfeed/config/value/merge.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

using MethodFunction = Ref (*)(Heap&, Ref self, const Arguments&, const Location&);

struct Method {
  std::string_view kind;
  std::string_view name;
  MethodFunction call;
  std::size_t least;
  std::size_t most;
};

Ref none(Heap& heap, const Location& location) { return heap.make(std::monostate{}, location); }

Ref append(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  heap.charge(sizeof(Ref), location);
  self->as<ListObject>()->items.push_back(arguments.positional[0]);
  return none(heap, location);
}

Ref extend(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  const std::vector<Ref> more = iterate(heap, *arguments.positional[0], location);
  auto& items = self->as<ListObject>()->items;
  items.insert(items.end(), more.begin(), more.end());
  return none(heap, location);
}

Ref insert(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  auto& items = self->as<ListObject>()->items;
  const std::int64_t size = std::ssize(items);
  const std::int64_t at = index_of(*arguments.positional[0], location);
  const std::int64_t from =
      std::clamp<std::int64_t>(at < 0 ? std::max(at, -size) + size : at, 0, size);
  heap.charge(sizeof(Ref), location);
  items.insert(items.begin() + from, arguments.positional[1]);
  return none(heap, location);
}

Ref pop_item(Heap&, Ref self, const Arguments& arguments, const Location& location) {
  auto& items = self->as<ListObject>()->items;
  const std::int64_t size = std::ssize(items);
  const std::int64_t at =
      arguments.positional.empty() ? -1 : index_of(*arguments.positional[0], location);
  if (at < -size || at >= size) {
    throw index_error(at, "list", size).at(location);
  }
  const auto from = items.begin() + (at < 0 ? at + size : at);
  const Ref taken = *from;
  items.erase(from);
  return taken;
}

Ref copy_self(Heap& heap, Ref self, const Arguments&, const Location&) {
  return heap.make(self->data, self->span);
}

Key wanted_key(const Object& object, const Location& location) {
  if (const auto* text = object.as<std::string>()) return {*text};
  if (const auto* number = object.as<std::int64_t>()) return {std::to_string(*number), true};
  throw failure(fmt::format("a key must be str or int, not {}", described(object)), location);
}

Ref get(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  const Ref value = self->as<DictObject>()->find(wanted_key(*arguments.positional[0], location));
  if (value != nullptr) return value;
  return arguments.positional.size() == 2 ? arguments.positional[1] : none(heap, location);
}

Ref pop_key(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  auto* dict = self->as<DictObject>();
  const Key key = wanted_key(*arguments.positional[0], location);
  if (const Ref value = dict->find(key)) {
    dict->erase(key);
    return value;
  }
  if (arguments.positional.size() == 2) return arguments.positional[1];
  if (dict->has_attributes()) return none(heap, location);
  throw failure(fmt::format("the dict has no key {}", described(*arguments.positional[0])),
                location);
}

// One with attributes merges dictionaries into dictionaries, as upstream's does; a plain one
// replaces.
void update_entry(Heap& heap, DictObject& dict, const DictObject::Entry& entry, int depth) {
  const Ref before = dict.find(entry.key);
  auto* inner = before == nullptr ? nullptr : before->as<DictObject>();
  const auto* other = entry.value->as<DictObject>();
  const bool merges = dict.has_attributes() && inner != nullptr && other != nullptr;
  if (!merges || depth >= max_depth) {
    store(heap, dict, entry.key, entry.value, entry.span);
    return;
  }
  const std::vector<DictObject::Entry> entries = other->entries();
  for (const DictObject::Entry& each : entries) update_entry(heap, *inner, each, depth + 1);
}

Ref update(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  std::vector<DictObject::Entry> entries;
  if (!arguments.positional.empty()) {
    const auto* other = arguments.positional[0]->as<DictObject>();
    if (other == nullptr) {
      throw failure(
          fmt::format("update() needs a dict, not {}", described(*arguments.positional[0])),
          location);
    }
    entries = other->entries();
  }
  entries.insert(entries.end(), arguments.named.begin(), arguments.named.end());
  for (const auto& entry : entries) update_entry(heap, *self->as<DictObject>(), entry, 0);
  return none(heap, location);
}

// As the bases of a config are merged: `_delete_` is understood.
Ref merge(Heap& heap, Ref self, const Arguments& arguments, const Location& location) {
  const Ref other = arguments.positional[0];
  if (other->as<DictObject>() == nullptr) {
    throw failure(fmt::format("merge() needs a dict, not {}", described(*other)), location);
  }
  const Dict all = merged(to_value(*self).dict(), to_value(*other).dict());
  *self->as<DictObject>() = *to_object(heap, Value(all))->as<DictObject>();
  return none(heap, location);
}

constexpr std::array<Method, 11> methods = {{
    {"list", "append", append, 1, 1},
    {"list", "extend", extend, 1, 1},
    {"list", "insert", insert, 2, 2},
    {"list", "pop", pop_item, 0, 1},
    {"list", "copy", copy_self, 0, 0},
    {"dict", "get", get, 1, 2},
    {"dict", "pop", pop_key, 1, 2},
    {"dict", "update", update, 0, 1},
    {"dict", "copy", copy_self, 0, 0},
    {"dict", "merge", merge, 1, 1},
    {"str", "format", format_method, 0, any_number},
}};

const Method* find_method(const Object& object, std::string_view name) {
  const std::string kind = kind_name(object);
  for (const Method& method : methods) {
    if (method.kind == kind && method.name == name) return &method;
  }
  return nullptr;
}

}  // namespace

// merge() is a method of the dictionaries that come from bases.
bool has_method(const Object& object, std::string_view name) {
  const auto* dict = object.as<DictObject>();
  if (dict != nullptr && name == "merge" && !dict->has_attributes()) return false;
  return find_method(object, name) != nullptr;
}

Ref call_method(Heap& heap, const MethodObject& method, const Arguments& arguments,
                const Location& location) {
  const Method& found = *find_method(*method.self, method.name);
  const std::size_t given = arguments.positional.size();
  if (given < found.least || given > found.most) {
    throw failure(fmt::format("{}.{}() takes {} to {} arguments, not {}", found.kind, found.name,
                              found.least, found.most, given),
                  location)
        .help("pass that number of arguments");
  }
  if (!arguments.named.empty() && found.name != "update" && found.name != "format") {
    throw failure(fmt::format("{}.{}() takes no key '{}'", found.kind, found.name,
                              arguments.named[0].key.text),
                  arguments.named[0].span);
  }
  return found.call(heap, method.self, arguments, location);
}

void store(Heap& heap, DictObject& dict, const Key& key, Ref value, const Location& location) {
  heap.charge(sizeof(DictObject::Entry), location);
  dict.set(key, dict.has_attributes() ? to_config_object(heap, value) : value, location);
}

}  // namespace pinfeed::python
