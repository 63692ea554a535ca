// SPDX-License-Identifier: Apache-2.0
// What goes over the inside of values: iteration, deep copies, text.
#include <fmt/format.h>

#include <unordered_map>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/value/value.h"

namespace pinfeed::python {
namespace {

std::vector<Ref> walked_range(Heap& heap, const RangeObject& range, const Spot& span) {
  std::vector<Ref> items;
  for (Int128 at = range.start; range.step > 0 ? at < range.stop : at > range.stop;
       at += range.step) {
    items.push_back(heap.make(static_cast<std::int64_t>(at), span));
  }
  return items;
}

std::vector<Ref> walked_text(Heap& heap, const std::string& text, const Spot& span) {
  std::vector<Ref> items;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (end < text.size() && is_continuation(text[end])) ++end;
    items.push_back(heap.make(text.substr(at, end - at), span));
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
  Copier(Heap& heap, const Spot& span) : heap_(heap), span_(span) {}

  Ref copy(Ref object, int depth) {
    if (const auto known = copies_.find(object); known != copies_.end()) return known->second;
    if (depth > deepest) {
      throw nesting_error("the value is").at(span_);
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
  const Spot& span_;
  std::unordered_map<Ref, Ref> copies_;
};

}  // namespace

std::vector<Ref> walked(Heap& heap, const Object& object, const Spot& span) {
  if (const auto* items = object.items()) {
    heap.charge(items->size() * sizeof(Ref), span);
    return *items;
  }
  if (const auto* range = object.as<RangeObject>()) return walked_range(heap, *range, span);
  if (const auto* text = object.as<std::string>()) return walked_text(heap, *text, span);
  const auto* dict = object.as<DictObject>();
  if (dict == nullptr) {
    throw Error(ErrorKind::config,
                fmt::format("{} has no items to iterate over", described(object)))
        .at(span)
        .help("str, list, tuple, dict and range have items");
  }
  std::vector<Ref> keys;
  for (const auto& entry : dict->entries()) keys.push_back(key_object(heap, entry));
  return keys;
}

Ref deep_copied(Heap& heap, Ref object, const Spot& span) {
  return Copier(heap, span).copy(object, 0);
}

std::string text_of(const Object& object, const Spot& span) {
  if (const auto* text = object.as<std::string>()) return *text;
  const bool plain = object.items() == nullptr && object.as<DictObject>() == nullptr;
  if (!plain) {
    throw Error(ErrorKind::config,
                fmt::format("pinfeed does not write a {} as text", kind_name(object)))
        .at(span);
  }
  return repr(exported(object));
}

}  // namespace pinfeed::python
