// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/object.h"

#include <fmt/format.h>

#include <array>

#include "pinfeed/config/number_text.h"

namespace pinfeed::python {
namespace {

constexpr std::uint64_t heap_limit = std::uint64_t{256} << 20;
constexpr std::size_t shown_length = 40;

std::string index_key(const Key& key) { return (key.integer ? "i" : "s") + key.text; }

}  // namespace

const DictObject::Entry* DictObject::entry(const Key& key) const {
  const auto found = index_.find(index_key(key));
  return found == index_.end() ? nullptr : &entries_[found->second];
}

Ref DictObject::find(const Key& key) const {
  const Entry* known = entry(key);
  return known == nullptr ? nullptr : known->value;
}

void DictObject::set(const Key& key, Ref value, const Place& place) {
  const auto [slot, added] = index_.try_emplace(index_key(key), entries_.size());
  if (added) {
    entries_.push_back({key, value, place});
  } else {
    entries_[slot->second] = {key, value, place};
  }
}

void DictObject::erase(const Key& key) {
  const auto found = index_.find(index_key(key));
  if (found == index_.end()) return;
  const std::size_t gone = found->second;
  index_.erase(found);
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(gone));
  for (auto& slot : index_) {
    if (slot.second > gone) --slot.second;
  }
}

std::vector<std::string> DictObject::names() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.key.text);
  return names;
}

const std::vector<Ref>* Object::items() const {
  if (const auto* list = as<ListObject>()) return &list->items;
  if (const auto* tuple = as<TupleObject>()) return &tuple->items;
  return nullptr;
}

std::string kind_name(const Object& object) {
  static constexpr std::array<const char*, std::variant_size_v<Data>> names = {
      "None", "bool",  "int",      "float",  "str",    "list",        "tuple",
      "dict", "range", "function", "method", "module", "{{ }} value", "imported name"};
  return names[object.data.index()];
}

std::string described(const Object& object) {
  const std::string kind = kind_name(object);
  if (const auto* value = object.as<bool>()) return kind + (*value ? " True" : " False");
  if (const auto* value = object.as<std::int64_t>()) return fmt::format("{} {}", kind, *value);
  if (const auto* value = object.as<double>()) return kind + " " + python_text(*value);
  const auto* text = object.as<std::string>();
  return text != nullptr && text->size() <= shown_length ? kind + " " + python_text(*text) : kind;
}

Ref Heap::make(Data data, const Place& place) {
  std::uint64_t bytes = sizeof(Object);
  if (const auto* text = std::get_if<std::string>(&data)) bytes += text->size();
  if (const auto* list = std::get_if<ListObject>(&data)) bytes += list->items.size() * sizeof(Ref);
  if (const auto* tuple = std::get_if<TupleObject>(&data))
    bytes += tuple->items.size() * sizeof(Ref);
  charge(bytes, place);
  return &objects_.emplace_back(Object{std::move(data), place});
}

void Heap::charge(std::uint64_t bytes, const Place& place) {
  if (bytes > heap_limit - used_) {
    throw Error(ErrorKind::config,
                fmt::format("the values of the config need more than {} MiB", heap_limit >> 20))
        .at(place);
  }
  used_ += bytes;
}

}  // namespace pinfeed::python
