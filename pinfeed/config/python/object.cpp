// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/object.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>

#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

constexpr std::uint64_t heap_limit = std::uint64_t{256} << 20;
constexpr std::size_t shown_length = 40;

constexpr std::size_t linear_limit = 16;  // entries that are found by looking at each

std::size_t hash_of(std::string_view key, bool integer) {
  return std::hash<std::string_view>{}(key) ^ (integer ? 1 : 0);
}

bool has_key(const DictObject::Entry& entry, std::string_view key, bool integer) {
  return entry.key.text == key && entry.key.integer == integer;
}

}  // namespace

DictObject::DictObject(std::vector<Entry> entries) : entries_(std::move(entries)) {
  if (entries_.size() > linear_limit) index_all();
}

// The slot of the key, or the empty one where it would be. The table is never full.
std::size_t DictObject::slot_of(std::string_view key, bool integer) const {
  std::size_t slot = hash_of(key, integer) % slots_.size();
  while (slots_[slot] != 0 && !has_key(entries_[slots_[slot] - 1], key, integer)) {
    slot = (slot + 1) % slots_.size();
  }
  return slot;
}

void DictObject::index_all() {
  slots_.assign(entries_.size() * 4, 0);
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Key& key = entries_[i].key;
    slots_[slot_of(key.text, key.integer)] = static_cast<std::uint32_t>(i + 1);
  }
}

const DictObject::Entry* DictObject::entry(std::string_view key, bool integer) const {
  if (!slots_.empty()) {
    const std::uint32_t position = slots_[slot_of(key, integer)];
    return position == 0 ? nullptr : &entries_[position - 1];
  }
  for (const Entry& entry : entries_) {
    if (has_key(entry, key, integer)) return &entry;
  }
  return nullptr;
}

Ref DictObject::find(const Key& key) const {
  const Entry* known = entry(key);
  return known == nullptr ? nullptr : known->value;
}

Ref DictObject::find(std::string_view key) const {
  const Entry* known = entry(key);
  return known == nullptr ? nullptr : known->value;
}

void DictObject::set(Key key, Ref value, const Location& location) {
  if (const Entry* known = entry(key)) {
    entries_[static_cast<std::size_t>(known - entries_.data())] = {std::move(key), value, location};
    return;
  }
  entries_.push_back({std::move(key), value, location});
  if (entries_.size() > linear_limit && entries_.size() * 2 > slots_.size()) {
    index_all();
  } else if (!slots_.empty()) {
    const Key& added = entries_.back().key;
    slots_[slot_of(added.text, added.integer)] = static_cast<std::uint32_t>(entries_.size());
  }
}

void DictObject::erase(const Key& key) {
  const Entry* known = entry(key);
  if (known == nullptr) return;
  entries_.erase(entries_.begin() + (known - entries_.data()));
  slots_.clear();
  if (entries_.size() > linear_limit) index_all();
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

Ref Heap::make(Data data, const Location& location) {
  std::uint64_t bytes = sizeof(Object);
  if (const auto* text = std::get_if<std::string>(&data)) bytes += text->size();
  if (const auto* list = std::get_if<ListObject>(&data)) bytes += list->items.size() * sizeof(Ref);
  if (const auto* tuple = std::get_if<TupleObject>(&data))
    bytes += tuple->items.size() * sizeof(Ref);
  charge(bytes, location);
  return &objects_.emplace_back(Object{std::move(data), location});
}

void Heap::charge(std::uint64_t bytes, const Location& location) {
  if (bytes > heap_limit - used_) {
    throw Error(ErrorKind::config,
                fmt::format("the values of the config need more than {} MiB", heap_limit >> 20))
        .at(location)
        .help(large_data_help);
  }
  used_ += bytes;
}

const std::shared_ptr<const SourceText>* Heap::keep(
    const std::shared_ptr<const SourceText>& source) {
  if (source == nullptr) return nullptr;
  const auto known = std::find(sources_.rbegin(), sources_.rend(), source);
  return known == sources_.rend() ? &sources_.emplace_back(source) : &*known;
}

}  // namespace pinfeed::python
