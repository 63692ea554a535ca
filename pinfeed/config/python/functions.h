// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "pinfeed/config/python/evaluator.h"

namespace pinfeed::python {

/// Of a call: how many arguments it takes at most when there is no limit.
constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

/// True for the functions of Python that configs may call: dict, list, round...
bool is_function(std::string_view name);
/// Their names, for messages.
std::string function_names();
/// Of the module copy: "copy.deepcopy" of "deepcopy", or nothing.
std::optional<std::string_view> copy_function(std::string_view name);
/// Calls one. `place` is the call's, and the result's.
Ref call_function(Heap& heap, std::string_view name, const Arguments& arguments,
                  const Location& location);

bool has_method(const Object& object, std::string_view name);
/// Calls list.append, dict.update...
Ref call_method(Heap& heap, const MethodObject& method, const Arguments& arguments,
                const Location& location);

/// What is thrown at a place of the config.
Error failure(const std::string& text, const Location& location);
/// Error(config), without a location, of an index outside a list, tuple or str of `size` items.
Error index_error(std::int64_t index, const std::string& kind, std::int64_t size);
/// Of the step 0 of "a slice" or "range()", without a location.
Error zero_step(const std::string& of);
/// The items that a `for`, `*` or list() walks over. Throws Error(config) at `place` for others.
std::vector<Ref> iterate(Heap& heap, const Object& object, const Location& location);
/// A deep copy that keeps the aliases inside.
Ref deep_copied(Heap& heap, Ref object, const Location& location);
/// Stores into a dictionary; one with attributes adopts the value.
void store(Heap& heap, DictObject& dict, const Key& key, Ref value, const Location& location);
/// The text that str() and f-strings give.
std::string text_of(const Object& object, const Location& location);

}  // namespace pinfeed::python
