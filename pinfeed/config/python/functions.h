// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "pinfeed/config/python/evaluator.h"

namespace pinfeed::python {

/// The maximum number of arguments of a function without a limit.
constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

/// True for the functions of Python that configs may call: dict, list, round...
bool is_function(std::string_view name);
/// Their names, for messages.
std::string function_names();
/// A function of the module copy by its name: "copy.deepcopy" for "deepcopy".
std::optional<std::string_view> copy_function(std::string_view name);
/// Calls a function. `location` is that of the call; the result has it too.
Ref call_function(Heap& heap, std::string_view name, const Arguments& arguments,
                  const Location& location);

bool has_method(const Object& object, std::string_view name);
/// Calls list.append, dict.update...
Ref call_method(Heap& heap, const MethodObject& method, const Arguments& arguments,
                const Location& location);

/// An Error(config) with a location.
Error failure(const std::string& text, const Location& location);
/// Error(config), without a location, of an index outside a list, tuple or str of `size` items.
Error index_error(std::int64_t index, const std::string& kind, std::int64_t size);
/// Of the step 0 of "a slice" or "range()", without a location.
Error zero_step(const std::string& of);
/// The items of an iterable: list, tuple, dict (its keys), str or range. Throws Error(config) at
/// `location` for other objects.
std::vector<Ref> iterate(Heap& heap, const Object& object, const Location& location);
/// A deep copy. Objects that occur several times inside are copied once, as copy.deepcopy does.
Ref deep_copied(Heap& heap, Ref object, const Location& location);
/// Sets a key of a dictionary. A dictionary with attributes stores a converted copy.
void store(Heap& heap, DictObject& dict, const Key& key, Ref value, const Location& location);
/// The result of str(object). Throws Error(config) for containers.
std::string text_of(const Object& object, const Location& location);

}  // namespace pinfeed::python
