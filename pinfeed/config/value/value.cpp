// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/value/value.h"

#include <algorithm>
#include <utility>

#include "pinfeed/config/value/number_text.h"

namespace pinfeed {
namespace {

std::string items_repr(const std::vector<Value>& items) {
  std::string text;
  for (const Value& item : items) text += (text.empty() ? "" : ", ") + repr(item);
  return text;
}

bool is_identifier(std::string_view text) {
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9');
  };
  return !text.empty() && !(text[0] >= '0' && text[0] <= '9') &&
         std::all_of(text.begin(), text.end(), word);
}

std::string dict_repr(const Dict& dict) {
  const auto& entries = dict.entries();
  const bool as_call = std::all_of(entries.begin(), entries.end(), [](const Dict::Entry& entry) {
    return !entry.key.integer && is_identifier(entry.key.text);
  });
  std::string text;
  for (const Dict::Entry& entry : entries) {
    if (!text.empty()) text += ", ";
    if (as_call) {
      text += entry.key.text + "=";
    } else {
      text += (entry.key.integer ? entry.key.text : python_text(entry.key.text)) + ": ";
    }
    text += repr(entry.value);
  }
  return as_call ? "dict(" + text + ")" : "{" + text + "}";
}

}  // namespace

const Value* Dict::find(const Key& key) const {
  for (const Entry& entry : entries_) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Value* Dict::find(const Key& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

const Value* Dict::find(std::string_view key) const {
  for (const Entry& entry : entries_) {
    if (!entry.key.integer && entry.key.text == key) return &entry.value;
  }
  return nullptr;
}

Value* Dict::find(std::string_view key) {
  return const_cast<Value*>(std::as_const(*this).find(key));
}

std::size_t Dict::size() const { return entries_.size(); }

bool Dict::empty() const { return entries_.empty(); }

Value& Dict::set(Key key, Value value, SourceSpan span) {
  for (Entry& entry : entries_) {
    if (!(entry.key == key)) continue;
    entry.value = std::move(value);
    entry.span = std::move(span);
    return entry.value;
  }
  return entries_.emplace_back(Entry{std::move(key), std::move(value), std::move(span)}).value;
}

Value& Dict::set(std::string_view key, Value value, SourceSpan span) {
  return set(Key{std::string(key)}, std::move(value), std::move(span));
}

bool Dict::erase(std::string_view key) {
  return std::erase_if(entries_, [key](const Entry& entry) {
           return !entry.key.integer && entry.key.text == key;
         }) > 0;
}

std::vector<std::string> Dict::keys() const {
  std::vector<std::string> names;
  for (const Entry& entry : entries_) names.push_back(entry.key.text);
  return names;
}

const std::vector<Value>& Value::items() const {
  if (const auto* list = std::get_if<List>(&data_)) return list->items;
  return std::get<Tuple>(data_).items;
}

std::vector<Value>& Value::items() {
  return const_cast<std::vector<Value>&>(std::as_const(*this).items());
}

const Value* Value::find(std::string_view key) const {
  return is_dict() ? dict().find(key) : nullptr;
}

bool Value::is_set(std::string_view key) const {
  const Value* value = find(key);
  return value != nullptr && !value->is_none();
}

std::string Value::kind_name() const {
  static constexpr const char* names[] = {"None", "bool",  "int",  "float", "str",
                                          "list", "tuple", "dict", "name"};
  return names[data_.index()];
}

bool operator==(const Value& a, const Value& b) {
  if (a.kind_name() != b.kind_name()) return false;
  if (a.is_none()) return true;
  if (a.is_bool()) return a.boolean() == b.boolean();
  if (a.is_int()) return a.integer() == b.integer();
  if (a.is_float()) return a.real() == b.real();
  if (a.is_string()) return a.string() == b.string();
  if (a.is_sequence()) return a.items() == b.items();
  if (!a.is_dict()) return *a.dotted_name() == *b.dotted_name();
  const auto& left = a.dict().entries();
  return left.size() == b.dict().size() &&
         std::all_of(left.begin(), left.end(), [&b](const Dict::Entry& entry) {
           const Value* other = b.dict().find(entry.key);
           return other != nullptr && entry.value == *other;
         });
}

std::string repr(const Value& value) {
  if (value.is_none()) return "None";
  if (value.is_bool()) return value.boolean() ? "True" : "False";
  if (value.is_int()) return std::to_string(value.integer());
  if (value.is_float()) return python_text(value.real());
  if (value.is_string()) return python_text(value.string());
  if (value.is_list()) return "[" + items_repr(value.items()) + "]";
  if (value.is_tuple()) {
    return "(" + items_repr(value.items()) + (value.items().size() == 1 ? ",)" : ")");
  }
  return value.is_dict() ? dict_repr(value.dict()) : value.dotted_name()->name;
}

}  // namespace pinfeed
