// SPDX-License-Identifier: Apache-2.0
// The steps after a value: .name, [index], [start:stop], (arguments).
#include <fmt/format.h>

#include <algorithm>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/evaluator.h"
#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/operators.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

constexpr const char* method_names =
    "the methods are append, extend, insert, pop and copy of a list, get, pop, update and copy of "
    "a dict, format of a str";

std::string keys_help(std::string_view name, const DictObject& dict) {
  const std::string near = nearest(name, dict.names());
  if (!near.empty()) return fmt::format("did you mean '{}'?", near);
  return dict.entries().empty() ? "it has no keys" : "its keys are " + joined(dict.names());
}

std::vector<std::string> characters_of(const std::string& text) {
  std::vector<std::string> characters;
  for (const char c : text) {
    if (!is_continuation(c)) characters.emplace_back();
    characters.back() += c;
  }
  return characters;
}

std::optional<Key> key_from(const Object& index) {
  if (const auto* text = index.as<std::string>()) return Key{*text};
  if (const auto* number = index.as<std::int64_t>()) return Key{std::to_string(*number), true};
  return std::nullopt;
}

// Which positions a slice takes of `size`, in their order.
std::vector<std::size_t> positions(std::optional<std::int64_t> start,
                                   std::optional<std::int64_t> stop, std::int64_t step,
                                   std::int64_t size) {
  const std::int64_t low = step < 0 ? -1 : 0;
  const std::int64_t high = step < 0 ? size - 1 : size;
  const auto bound = [&](std::int64_t at) {
    return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, low, high);
  };
  const std::int64_t first = start ? bound(*start) : (step < 0 ? high : low);
  const std::int64_t last = stop ? bound(*stop) : (step < 0 ? low : high);
  std::vector<std::size_t> taken;
  const std::int64_t stride = std::clamp(step, -size - 1, size + 1);
  for (std::int64_t at = first; stride > 0 ? at < last : at > last; at += stride) {
    taken.push_back(static_cast<std::size_t>(at));
  }
  return taken;
}

}  // namespace

Ref Evaluator::step(Ref object, const Step& step, const Span& whole) {
  if (const auto* name = std::get_if<Attribute>(&step.what)) {
    return attribute(object, name->name, step.span);
  }
  if (const auto* subscript = std::get_if<Subscript>(&step.what)) {
    return item(object, value_of(*subscript->index), step.span);
  }
  if (const auto* slice = std::get_if<Slice>(&step.what)) return part(object, *slice, step.span);
  return call(object, std::get<Call>(step.what), whole);
}

Ref Evaluator::attribute(Ref object, std::string_view name, const Span& span) {
  if (object->as<ModuleObject>() != nullptr) {
    if (const auto function = copy_function(name)) {
      return heap_.make(FunctionObject{*function}, location_of(span));
    }
  }
  if (const auto* lazy = object->as<LazyObject>()) {
    return heap_.make(LazyObject{fmt::format("{}.{}", lazy->name, name)}, location_of(span));
  }
  if (has_method(*object, name)) {
    return heap_.make(MethodObject{object, std::string(name)}, location_of(span));
  }
  const auto* dict = object->as<DictObject>();
  if (dict == nullptr || !dict->has_attributes()) {
    Error error = failure(fmt::format("{} has no attribute '{}'", described(*object), name), span);
    if (dict != nullptr)
      error.help(fmt::format("write ['{}']: only _base_ has keys as attributes", name));
    throw error.help(method_names);
  }
  if (const Ref value = dict->find(name)) return value;
  const std::string owner = object == base_ ? "the bases have" : "the dict has";
  const bool no_bases = object == base_ && dict->entries().empty();
  throw failure(fmt::format("{} no '{}'", owner, name), span)
      .help(no_bases ? "_base_ = [...] names the bases" : keys_help(name, *dict));
}

Ref Evaluator::item(Ref object, Ref index, const Span& span) {
  if (const auto* dict = object->as<DictObject>()) {
    const auto key = key_from(*index);
    if (!key)
      throw failure(fmt::format("a key must be str or int, not {}", described(*index)), span);
    if (const Ref value = dict->find(*key)) return value;
    const std::string shown = key->integer ? key->text : python_text(key->text);
    throw failure(fmt::format("the dict has no key {}", shown), span)
        .help(keys_help(key->text, *dict));
  }
  const auto* items = object->items();
  const auto* text = object->as<std::string>();
  if (items == nullptr && text == nullptr) {
    throw failure(fmt::format("{} cannot be subscripted", described(*object)), span);
  }
  const std::int64_t at = index_of(*index, location_of(span));
  const std::vector<std::string> characters =
      text ? characters_of(*text) : std::vector<std::string>();
  const std::int64_t size = text ? std::ssize(characters) : std::ssize(*items);
  if (at < -size || at >= size) {
    throw index_error(at, kind_name(*object), size).at(location_of(span));
  }
  const auto position = static_cast<std::size_t>(at < 0 ? at + size : at);
  return text ? heap_.make(characters[position], location_of(span)) : (*items)[position];
}

Ref Evaluator::part(Ref object, const Slice& slice, const Span& span) {
  const auto bound = [&](const NodePtr& node) -> std::optional<std::int64_t> {
    if (!node) return std::nullopt;
    const Ref value = value_of(*node);
    if (value->as<std::monostate>() != nullptr) return std::nullopt;
    return index_of(*value, location_of(node->span));
  };
  const auto start = bound(slice.start);
  const auto stop = bound(slice.stop);
  const std::int64_t step = bound(slice.step).value_or(1);
  if (step == 0) throw zero_step("a slice").at(location_of(span));
  if (const auto* text = object->as<std::string>()) {
    const std::vector<std::string> characters = characters_of(*text);
    std::string taken;
    for (const std::size_t at : positions(start, stop, step, std::ssize(characters)))
      taken += characters[at];
    return heap_.make(std::move(taken), location_of(span));
  }
  const auto* items = object->items();
  if (items == nullptr) throw failure(fmt::format("{} cannot be sliced", described(*object)), span);
  std::vector<Ref> taken;
  for (const std::size_t at : positions(start, stop, step, std::ssize(*items)))
    taken.push_back((*items)[at]);
  if (object->as<ListObject>() != nullptr)
    return heap_.make(ListObject{std::move(taken)}, object->span);
  return heap_.make(TupleObject{std::move(taken)}, object->span);
}

Arguments Evaluator::arguments_of(const Call& call) {
  Arguments all;
  all.named.reserve(call.arguments.size());
  for (const Argument& argument : call.arguments) {
    const Ref value = value_of(*argument.value);
    const Location span = location_of(argument.span);
    if (!argument.name.empty()) {
      all.named.push_back({Key{std::string(argument.name)}, value, span});
    } else if (argument.stars == 0) {
      all.positional.push_back(value);
    } else if (argument.stars == 1) {
      for (const Ref inner : iterate(heap_, *value, span)) all.positional.push_back(inner);
    } else if (const auto* dict = value->as<DictObject>()) {
      all.may_repeat = true;
      for (const auto& entry : dict->entries()) all.named.push_back(entry);
    } else {
      throw failure(fmt::format("'**' needs a dict, not {}", described(*value)), argument.span);
    }
  }
  return all;
}

Ref Evaluator::call(Ref function, const Call& call, const Span& span) {
  const auto* known = function->as<FunctionObject>();
  const auto* method = function->as<MethodObject>();
  if (const auto* lazy = function->as<LazyObject>()) {
    throw failure(
        fmt::format("pinfeed does not call '{}': configs are read, never run", lazy->name), span)
        .help("write dict(type=..., ...) instead");
  }
  if (known == nullptr && method == nullptr) {
    throw failure(fmt::format("{} cannot be called", described(*function)), span)
        .help("docs/config.md lists the functions that can be called");
  }
  const Arguments arguments = arguments_of(call);
  if (method != nullptr) return call_method(heap_, *method, arguments, location_of(span));
  return call_function(heap_, known->name, arguments, location_of(span));
}

}  // namespace pinfeed::python
