// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>

#include "pinfeed/config/python/object.h"
#include "pinfeed/config/python/syntax_tree.h"

namespace pinfeed::python {

/// An int or a float, which are different types as in Python.
using Number = std::variant<std::int64_t, double>;
/// The number of an int, a float, or a bool (True is 1); nothing for other kinds.
std::optional<Number> number_of(const Object& object);
/// The number as the data of an object.
Data number_data(Number number);
/// a op b with Python's rules: `/` is a float, `//` and `%` floor, ints stay ints. Throws
/// Error(config), without a location, where Python raises, and if an int does not fit 64 bits.
Number calculate(Operator op, Number a, Number b);

/// a op b for any types. `location` is that of the result.
Ref apply_operator(Heap& heap, Operator op, const Object& a, const Object& b,
                   const Location& location);
/// -a, +a, ~a.
Ref apply_operator(Heap& heap, char sign, const Object& a, const Location& location);

/// An int or bool as an index. Throws Error(config) at `location` for other types.
std::int64_t index_of(const Object& object, const Location& location);

}  // namespace pinfeed::python
