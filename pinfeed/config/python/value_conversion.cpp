// SPDX-License-Identifier: Apache-2.0
// Between the values of a config and the objects of the evaluator.
#include <fmt/format.h>

#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/python/object.h"
#include "pinfeed/config/python/template.h"

namespace pinfeed::python {
namespace {

// Aliases become copies, so a small config can expand to a huge tree. This is the limit.
constexpr std::uint64_t max_values = 2'000'000;
constexpr std::uint64_t max_characters = std::uint64_t{256} << 20;

class ValueBuilder {
 public:
  explicit ValueBuilder(Ref base) : base_(base) {}

  Value value_of(const Object& object, int depth) {
    if (depth > max_depth) {
      throw nesting_error("the value is").at(object.span);
    }
    if (++values_ > max_values) {
      throw failure(fmt::format("the config has more than {} values", max_values), object)
          .help(large_data_help);
    }
    if (const auto* reference = object.as<ReferenceObject>()) {
      return value_of(target_of(*reference, object), depth + 1);
    }
    return converted(object, depth).set_span(object.span);
  }

 private:
  static Error failure(const std::string& text, const Object& object) {
    return Error(ErrorKind::config, text).at(object.span);
  }

  const Object& target_of(const ReferenceObject& reference, const Object& object) {
    Ref found = base_;
    for (const std::string& key : reference.path) {
      const auto* dict = found == nullptr ? nullptr : found->as<DictObject>();
      found = dict == nullptr ? nullptr : dict->find(key);
      if (found == nullptr) throw missing_base_value(key).at(object.span);
    }
    return *found;
  }

  Value converted(const Object& object, int depth) {
    if (object.as<std::monostate>() != nullptr) return {};
    if (const auto* value = object.as<bool>()) return *value;
    if (const auto* value = object.as<std::int64_t>()) return *value;
    if (const auto* value = object.as<double>()) return *value;
    if (const auto* value = object.as<std::string>()) return text_of(*value, object);
    if (const auto* value = object.as<LazyObject>()) return DottedName{value->name};
    if (object.as<ListObject>() != nullptr) return List{items_of(object, depth)};
    if (object.as<TupleObject>() != nullptr) return Tuple{items_of(object, depth)};
    if (const auto* dict = object.as<DictObject>()) return dict_of(*dict, depth);
    throw failure(fmt::format("a {} is not a value of a config", kind_name(object)), object)
        .help("the types of a config are None, bool, int, float, str, list, tuple and dict");
  }

  std::string text_of(const std::string& text, const Object& object) {
    characters_ += text.size();
    if (characters_ > max_characters)
      throw failure("the strings of the config are too long", object).help(large_data_help);
    return text;
  }

  std::vector<Value> items_of(const Object& object, int depth) {
    std::vector<Value> items;
    items.reserve(std::min<std::size_t>(object.items()->size(), max_values));
    for (const Ref item : *object.items()) items.push_back(value_of(*item, depth + 1));
    return items;
  }

  Dict dict_of(const DictObject& object, int depth) {
    Dict dict;
    dict.entries().reserve(object.entries().size());
    for (const DictObject::Entry& entry : object.entries()) {
      dict.entries().push_back({entry.key, value_of(*entry.value, depth + 1), entry.span});
    }
    return dict;
  }

  Ref base_;
  std::uint64_t values_ = 0;
  std::uint64_t characters_ = 0;
};

std::vector<Ref> objects_of(Heap& heap, const std::vector<Value>& values) {
  std::vector<Ref> items;
  items.reserve(values.size());
  for (const Value& value : values) items.push_back(to_object(heap, value));
  return items;
}

Data object_data(Heap& heap, const Value& value) {
  if (value.is_none()) return std::monostate{};
  if (value.is_bool()) return value.boolean();
  if (value.is_int()) return value.integer();
  if (value.is_float()) return value.real();
  if (value.is_string()) return value.string();
  if (value.is_list()) return ListObject{objects_of(heap, value.items())};
  if (value.is_tuple()) return TupleObject{objects_of(heap, value.items())};
  if (!value.is_dict()) return LazyObject{value.dotted_name()->name};
  DictObject dict(true);
  for (const Dict::Entry& entry : value.dict().entries()) {
    dict.set(entry.key, to_object(heap, entry.value), heap.location(entry.span));
  }
  return dict;
}

}  // namespace

Ref to_object(Heap& heap, const Value& value) {
  return heap.make(object_data(heap, value), heap.location(value.span()));
}

Value to_value(const Object& object, Ref base) { return ValueBuilder(base).value_of(object, 0); }

Ref to_config_object(Heap& heap, Ref value, int depth) {
  if (depth > max_depth) {
    throw nesting_error("the value is").at(value->span);
  }
  if (const auto* items = value->items()) {
    std::vector<Ref> copies;
    for (const Ref item : *items) copies.push_back(to_config_object(heap, item, depth + 1));
    const bool list = value->as<ListObject>() != nullptr;
    return heap.make(
        list ? Data(ListObject{std::move(copies)}) : Data(TupleObject{std::move(copies)}),
        value->span);
  }
  const auto* dict = value->as<DictObject>();
  if (dict == nullptr || dict->has_attributes()) return value;
  DictObject copy(true);
  for (const DictObject::Entry& entry : dict->entries()) {
    copy.set(entry.key, to_config_object(heap, entry.value, depth + 1), entry.span);
  }
  return heap.make(std::move(copy), value->span);
}

}  // namespace pinfeed::python
