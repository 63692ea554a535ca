// SPDX-License-Identifier: Apache-2.0
// The functions of Python that configs call.
#include "pinfeed/config/python/functions.h"

#include <fmt/format.h>

#include <array>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/expressions.h"
#include "pinfeed/config/python/number_calls.h"
#include "pinfeed/config/python/operators.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

using Function = Ref (*)(Heap&, const Arguments&, const Spot&);

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
Ref make_dict(Heap& heap, const Arguments& arguments, const Spot& span) {
  if (arguments.may_repeat) refuse_repetition(arguments.named);
  if (arguments.positional.empty() && !arguments.may_repeat) {
    heap.charge(arguments.named.size() * sizeof(DictObject::Entry), span);
    return heap.make(DictObject(arguments.named), span);
  }
  DictObject dict;
  if (!arguments.positional.empty()) {
    const Object& first = *arguments.positional[0];
    if (const auto* other = first.as<DictObject>()) {
      for (const auto& entry : other->entries()) dict.set(entry.key, entry.value, entry.span);
    } else {
      for (const Ref pair : walked(heap, first, span)) {
        const std::vector<Ref> two = walked(heap, *pair, span);
        if (two.size() != 2 || two[0]->as<std::string>() == nullptr) {
          throw Error(ErrorKind::config, "dict() needs pairs of a str and a value").at(span);
        }
        dict.set(Key{*two[0]->as<std::string>()}, two[1], two[0]->span);
      }
    }
  }
  for (const auto& entry : arguments.named) dict.set(entry.key, entry.value, entry.span);
  heap.charge(dict.entries().size() * sizeof(DictObject::Entry), span);
  return heap.make(std::move(dict), span);
}

Ref make_list(Heap& heap, const Arguments& arguments, const Spot& span) {
  ListObject list;
  if (!arguments.positional.empty()) list.items = walked(heap, *arguments.positional[0], span);
  return heap.make(std::move(list), span);
}

Ref make_tuple(Heap& heap, const Arguments& arguments, const Spot& span) {
  TupleObject tuple;
  if (!arguments.positional.empty()) tuple.items = walked(heap, *arguments.positional[0], span);
  return heap.make(std::move(tuple), span);
}

Ref length(Heap& heap, const Arguments& arguments, const Spot& span) {
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    return heap.make(std::int64_t{count_characters(*text)}, span);
  }
  const auto* dict = object.as<DictObject>();
  if (dict == nullptr && object.items() == nullptr && object.as<RangeObject>() == nullptr) {
    throw failure(fmt::format("{} has no len()", described(object)), span)
        .help("str, list, tuple, dict and range have a length");
  }
  if (dict != nullptr) return heap.make(std::int64_t{std::ssize(dict->entries())}, span);
  return heap.make(std::int64_t{std::ssize(walked(heap, object, span))}, span);
}

Ref make_text(Heap& heap, const Arguments& arguments, const Spot& span) {
  if (arguments.positional.empty()) return heap.make(std::string(), span);
  return heap.make(text_of(*arguments.positional[0], span), span);
}

Ref make_range(Heap& heap, const Arguments& arguments, const Spot& span) {
  std::vector<std::int64_t> numbers;
  for (const Ref argument : arguments.positional) numbers.push_back(index_of(*argument, span));
  RangeObject range{.stop = numbers[0]};
  if (numbers.size() > 1) range = {numbers[0], numbers[1], 1};
  if (numbers.size() > 2) range.step = numbers[2];
  if (range.step == 0) throw zero_step("range()").at(span);
  return heap.make(range, span);
}

Ref numbered(Heap& heap, const Arguments& arguments, const Spot& span) {
  std::int64_t at = arguments.positional.size() == 2 ? index_of(*arguments.positional[1], span) : 0;
  ListObject list;
  for (const Ref item : walked(heap, *arguments.positional[0], span)) {
    list.items.push_back(heap.make(TupleObject{{heap.make(at++, span), item}}, span));
  }
  return heap.make(std::move(list), span);
}

Ref zipped(Heap& heap, const Arguments& arguments, const Spot& span) {
  std::vector<std::vector<Ref>> columns;
  for (const Ref argument : arguments.positional) columns.push_back(walked(heap, *argument, span));
  ListObject list;
  for (std::size_t row = 0; !columns.empty(); ++row) {
    TupleObject tuple;
    for (const auto& column : columns) {
      if (row < column.size()) tuple.items.push_back(column[row]);
    }
    if (tuple.items.size() < columns.size()) break;
    list.items.push_back(heap.make(std::move(tuple), span));
  }
  return heap.make(std::move(list), span);
}

Ref copied(Heap& heap, const Arguments& arguments, const Spot&) {
  return heap.make(arguments.positional[0]->data, arguments.positional[0]->span);
}

Ref deeply_copied(Heap& heap, const Arguments& arguments, const Spot& span) {
  return deep_copied(heap, arguments.positional[0], span);
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

Error failure(const std::string& text, const Spot& span) {
  return Error(ErrorKind::config, text).at(span);
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

Ref call_function(Heap& heap, std::string_view name, const Arguments& arguments, const Spot& span) {
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
        .at(span)
        .help("pass that number of arguments");
  }
  return function.call(heap, arguments, span);
}

}  // namespace pinfeed::python
