// SPDX-License-Identifier: Apache-2.0
// The functions of Python that configs call.
#include "pinfeed/config/python/functions.h"

#include <fmt/format.h>

#include <array>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/expressions.h"
#include "pinfeed/config/python/number_functions.h"
#include "pinfeed/config/python/operators.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

using Function = Ref (*)(Heap&, const Arguments&, const Location&);

struct Named {
  std::string_view name;
  Function call;
  std::size_t least;  // positional arguments
  std::size_t most;
};

void refuse_repetition(const std::vector<DictObject::Entry>& named) {
  DictObject seen;
  for (const auto& entry : named) {
    if (seen.find(entry.key) != nullptr) {
      throw repeated_key(entry.key.text).at(entry.span);
    }
    seen.set(entry.key, entry.value, entry.span);
  }
}

// dict(mapping_or_pairs, **named)
Ref make_dict(Heap& heap, const Arguments& arguments, const Location& location) {
  if (arguments.may_repeat) refuse_repetition(arguments.named);
  if (arguments.positional.empty() && !arguments.may_repeat) {
    heap.charge(arguments.named.size() * sizeof(DictObject::Entry), location);
    return heap.make(DictObject(arguments.named), location);
  }
  DictObject dict;
  if (!arguments.positional.empty()) {
    const Object& first = *arguments.positional[0];
    if (const auto* other = first.as<DictObject>()) {
      for (const auto& entry : other->entries()) dict.set(entry.key, entry.value, entry.span);
    } else {
      for (const Ref pair : iterate(heap, first, location)) {
        const std::vector<Ref> two = iterate(heap, *pair, location);
        if (two.size() != 2 || two[0]->as<std::string>() == nullptr) {
          throw Error(ErrorKind::config, "dict() needs pairs of a str and a value").at(location);
        }
        dict.set(Key{*two[0]->as<std::string>()}, two[1], two[0]->span);
      }
    }
  }
  for (const auto& entry : arguments.named) dict.set(entry.key, entry.value, entry.span);
  heap.charge(dict.entries().size() * sizeof(DictObject::Entry), location);
  return heap.make(std::move(dict), location);
}

Ref make_list(Heap& heap, const Arguments& arguments, const Location& location) {
  ListObject list;
  if (!arguments.positional.empty()) list.items = iterate(heap, *arguments.positional[0], location);
  return heap.make(std::move(list), location);
}

Ref make_tuple(Heap& heap, const Arguments& arguments, const Location& location) {
  TupleObject tuple;
  if (!arguments.positional.empty())
    tuple.items = iterate(heap, *arguments.positional[0], location);
  return heap.make(std::move(tuple), location);
}

Ref length(Heap& heap, const Arguments& arguments, const Location& location) {
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    return heap.make(std::int64_t{count_characters(*text)}, location);
  }
  const auto* dict = object.as<DictObject>();
  if (dict == nullptr && object.items() == nullptr && object.as<RangeObject>() == nullptr) {
    throw failure(fmt::format("{} has no len()", described(object)), location)
        .help("str, list, tuple, dict and range have a length");
  }
  if (dict != nullptr) return heap.make(std::int64_t{std::ssize(dict->entries())}, location);
  return heap.make(std::int64_t{std::ssize(iterate(heap, object, location))}, location);
}

Ref make_text(Heap& heap, const Arguments& arguments, const Location& location) {
  if (arguments.positional.empty()) return heap.make(std::string(), location);
  return heap.make(text_of(*arguments.positional[0], location), location);
}

Ref make_range(Heap& heap, const Arguments& arguments, const Location& location) {
  std::vector<std::int64_t> numbers;
  for (const Ref argument : arguments.positional) numbers.push_back(index_of(*argument, location));
  RangeObject range{.stop = numbers[0]};
  if (numbers.size() > 1) range = {numbers[0], numbers[1], 1};
  if (numbers.size() > 2) range.step = numbers[2];
  if (range.step == 0) throw zero_step("range()").at(location);
  return heap.make(range, location);
}

Ref numbered(Heap& heap, const Arguments& arguments, const Location& location) {
  std::int64_t at =
      arguments.positional.size() == 2 ? index_of(*arguments.positional[1], location) : 0;
  ListObject list;
  for (const Ref item : iterate(heap, *arguments.positional[0], location)) {
    list.items.push_back(heap.make(TupleObject{{heap.make(at++, location), item}}, location));
  }
  return heap.make(std::move(list), location);
}

Ref zipped(Heap& heap, const Arguments& arguments, const Location& location) {
  std::vector<std::vector<Ref>> columns;
  for (const Ref argument : arguments.positional)
    columns.push_back(iterate(heap, *argument, location));
  ListObject list;
  for (std::size_t row = 0; !columns.empty(); ++row) {
    TupleObject tuple;
    for (const auto& column : columns) {
      if (row < column.size()) tuple.items.push_back(column[row]);
    }
    if (tuple.items.size() < columns.size()) break;
    list.items.push_back(heap.make(std::move(tuple), location));
  }
  return heap.make(std::move(list), location);
}

Ref copied(Heap& heap, const Arguments& arguments, const Location&) {
  return heap.make(arguments.positional[0]->data, arguments.positional[0]->span);
}

Ref deeply_copied(Heap& heap, const Arguments& arguments, const Location& location) {
  return deep_copied(heap, arguments.positional[0], location);
}

constexpr std::array<Named, 16> functions = {{
    {"dict", make_dict, 0, 1},
    {"list", make_list, 0, 1},
    {"tuple", make_tuple, 0, 1},
    {"str", make_text, 0, 1},
    {"int", to_int, 0, 1},
    {"float", to_float, 0, 1},
    {"round", rounded, 1, 2},
    {"abs", absolute, 1, 1},
    {"min", smallest, 1, any_number},
    {"max", largest, 1, any_number},
    {"len", length, 1, 1},
    {"range", make_range, 1, 3},
    {"enumerate", numbered, 1, 2},
    {"zip", zipped, 0, any_number},
    {"copy.copy", copied, 1, 1},
    {"copy.deepcopy", deeply_copied, 1, 1},
}};

const Named& find_function(std::string_view name) {
  for (const Named& function : functions) {
    if (function.name == name) return function;
  }
  throw Error(ErrorKind::bug, fmt::format("no function {}", name));
}

}  // namespace

Error failure(const std::string& text, const Location& location) {
  return Error(ErrorKind::config, text).at(location);
}

Error index_error(std::int64_t index, const std::string& kind, std::int64_t size) {
  return Error(ErrorKind::config,
               fmt::format("index {} is out of range; the {} has {} items", index, kind, size))
      .help("the first index is 0, the last -1");
}

Error zero_step(const std::string& of) {
  return Error(ErrorKind::config, fmt::format("the step of {} is 0", of))
      .help("a step of 1 goes forwards, -1 backwards");
}

bool is_function(std::string_view name) {
  for (const Named& function : functions) {
    if (function.name == name && !name.starts_with("copy.")) return true;
  }
  return false;
}

std::optional<std::string_view> copy_function(std::string_view name) {
  if (name == "copy") return "copy.copy";
  if (name == "deepcopy") return "copy.deepcopy";
  return std::nullopt;
}

std::string function_names() {
  std::vector<std::string> names;
  for (const Named& function : functions) {
    if (is_function(function.name)) names.emplace_back(function.name);
  }
  return joined(names);
}

Ref call_function(Heap& heap, std::string_view name, const Arguments& arguments,
                  const Location& location) {
  const Named& function = find_function(name);
  if (!arguments.named.empty() && name != "dict") {
    throw Error(ErrorKind::config,
                fmt::format("{}() takes no key '{}'", name, arguments.named[0].key.text))
        .at(arguments.named[0].span);
  }
  const std::size_t given = arguments.positional.size();
  if (given < function.least || given > function.most) {
    std::string wanted = fmt::format("{} to {}", function.least, function.most);
    if (function.most == any_number) wanted = fmt::format("at least {}", function.least);
    if (function.least == function.most) wanted = std::to_string(function.least);
    throw Error(ErrorKind::config,
                fmt::format("{}() takes {} arguments, not {}", name, wanted, given))
        .at(location)
        .help("pass that number of arguments");
  }
  return function.call(heap, arguments, location);
}

}  // namespace pinfeed::python
