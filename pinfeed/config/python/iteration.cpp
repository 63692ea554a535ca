// SPDX-License-Identifier: Apache-2.0
// Iteration over the items of objects, deep copies, and text.
#include <fmt/format.h>

#include <unordered_map>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/value/value.h"

namespace pinfeed::python {
namespace {

std::vector<Ref> range_items(Heap& heap, const RangeObject& range, const Location& location) {
  std::vector<Ref> items;
  for (Int128 at = range.start; range.step > 0 ? at < range.stop : at > range.stop;
       at += range.step) {
    items.push_back(heap.make(static_cast<std::int64_t>(at), location));
  }
  return items;
}

std::vector<Ref> text_items(Heap& heap, const std::string& text, const Location& location) {
  std::vector<Ref> items;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && is_continuation(text[end])) ++end;
    items.push_back(heap.make(text.substr(at, end - at), location));
    at = end;
  }
  return items;
}

Ref key_object(Heap& heap, const DictObject::Entry& entry) {
  if (!entry.key.integer) return heap.make(entry.key.text, entry.span);
  return heap.make(std::int64_t{std::stoll(entry.key.text)}, entry.span);
}

class Copier {
 public:
  Copier(Heap& heap, const Location& location) : heap_(heap), location_(location) {}

  Ref copy(Ref object, int depth) {
    if (const auto known = copies_.find(object); known != copies_.end()) return known->second;
    if (depth > max_depth) {
      throw nesting_error("the value is").at(location_);
    }
    const Ref made = heap_.make(object->data, object->span);
    copies_[object] = made;
    if (auto* list = made->as<ListObject>()) copy_items(list->items, depth);
    if (auto* tuple = made->as<TupleObject>()) copy_items(tuple->items, depth);
    if (auto* dict = made->as<DictObject>()) {
      const std::vector<DictObject::Entry> entries = dict->entries();
      for (const auto& entry : entries)
        dict->set(entry.key, copy(entry.value, depth + 1), entry.span);
    }
    return made;
  }

 private:
  void copy_items(std::vector<Ref>& items, int depth) {
    for (Ref& item : items) item = copy(item, depth + 1);
  }

  Heap& heap_;
  const Location& location_;
  std::unordered_map<Ref, Ref> copies_;
};

}  // namespace

std::vector<Ref> iterate(Heap& heap, const Object& object, const Location& location) {
  if (const auto* items = object.items()) {
    heap.charge(items->size() * sizeof(Ref), location);
    return *items;
  }
  if (const auto* range = object.as<RangeObject>()) return range_items(heap, *range, location);
  if (const auto* text = object.as<std::string>()) return text_items(heap, *text, location);
  const auto* dict = object.as<DictObject>();
  if (dict == nullptr) {
    throw Error(ErrorKind::config,
                fmt::format("{} has no items to iterate over", described(object)))
        .at(location)
        .help("str, list, tuple, dict and range have items");
  }
  std::vector<Ref> keys;
  for (const auto& entry : dict->entries()) keys.push_back(key_object(heap, entry));
  return keys;
}

Ref deep_copied(Heap& heap, Ref object, const Location& location) {
  return Copier(heap, location).copy(object, 0);
}

std::string text_of(const Object& object, const Location& location) {
  if (const auto* text = object.as<std::string>()) return *text;
  const bool plain = object.items() == nullptr && object.as<DictObject>() == nullptr;
  if (!plain) {
    throw Error(ErrorKind::config,
                fmt::format("pinfeed does not write a {} as text", kind_name(object)))
        .at(location);
  }
  return repr(to_value(object));
}

}  // namespace pinfeed::python
