// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/number_functions.h"

#include <fmt/format.h>

#include <cmath>

#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/operators.h"
#include "pinfeed/config/python/parse_number.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

Error not_taken(std::string_view function, const Object& object, const Location& location) {
  const bool text = function == "int";
  return failure(fmt::format("{}() does not take {}", function, described(object)), location)
      .help(text ? "int() takes numbers and strs of digits" : "it takes int and float");
}

Number wanted_number(const char* function, const Object& object, const Location& location) {
  if (const auto number = number_of(object)) return *number;
  throw not_taken(function, object, location);
}

double as_real(Number number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

std::int64_t whole(double value, const Location& location) {
  constexpr double limit = 9223372036854775808.0;
  if (value >= -limit && value < limit) return static_cast<std::int64_t>(value);
  if (std::isfinite(value)) {
    throw integer_overflow(fmt::format("the integer {:.0f}", value)).at(location);
  }
  throw failure(fmt::format("{} is not an integer", python_text(value)), location);
}

// To tens, hundreds...: half to even, as round(15, -1) is 20 and round(25, -1) is 20.
std::int64_t rounded_int(std::int64_t value, std::int64_t digits, const Location& location) {
  if (digits >= 0) return value;
  if (digits < -20) return 0;
  Int128 unit = 1;
  for (std::int64_t i = digits; i < 0; ++i) unit *= 10;
  const Int128 rest = ((value % unit) + unit) % unit;
  const Int128 low = value - rest;
  const bool up = rest > unit - rest || (rest == unit - rest && (low / unit) % 2 != 0);
  const Int128 result = up ? low + unit : low;
  if (result == static_cast<std::int64_t>(result)) return static_cast<std::int64_t>(result);
  throw integer_overflow(fmt::format("the rounded {}", value)).at(location);
}

double rounded_real(double value, std::int64_t digits, const Location& location) {
  if (!std::isfinite(value) || digits > 323) return value;
  if (digits < 0) throw failure("round() of a float takes digits of at least 0", location);
  return parse_float(fmt::format("{:.{}f}", value, digits)).value();
}

Ref extreme(const char* name, bool least, Heap& heap, const Arguments& arguments,
            const Location& location) {
  std::vector<Ref> values = arguments.positional;
  if (values.size() == 1) values = iterate(heap, *values[0], location);
  if (values.empty()) throw failure(fmt::format("{}() needs at least one value", name), location);
  Ref best = values[0];
  for (const Ref value : values) {
    const double a = as_real(wanted_number(name, *value, location));
    const double b = as_real(wanted_number(name, *best, location));
    if (least ? a < b : a > b) best = value;
  }
  return best;
}

}  // namespace

Ref to_int(Heap& heap, const Arguments& arguments, const Location& location) {
  if (arguments.positional.empty()) return heap.make(std::int64_t{0}, location);
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    if (const auto value = parse_int(*text)) return heap.make(*value, location);
    throw not_taken("int", object, location);
  }
  const Number number = wanted_number("int", object, location);
  if (const auto* value = std::get_if<std::int64_t>(&number)) return heap.make(*value, location);
  return heap.make(whole(std::trunc(std::get<double>(number)), location), location);
}

Ref to_float(Heap& heap, const Arguments& arguments, const Location& location) {
  if (arguments.positional.empty()) return heap.make(0.0, location);
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    if (const auto value = parse_float(*text)) return heap.make(*value, location);
  }
  return heap.make(as_real(wanted_number("float", object, location)), location);
}

Ref rounded(Heap& heap, const Arguments& arguments, const Location& location) {
  const Number number = wanted_number("round", *arguments.positional[0], location);
  const auto* value = std::get_if<std::int64_t>(&number);
  const bool with_digits =
      arguments.positional.size() == 2 && arguments.positional[1]->as<std::monostate>() == nullptr;
  if (!with_digits) {
    if (value != nullptr) return heap.make(*value, location);
    return heap.make(whole(std::nearbyint(std::get<double>(number)), location), location);
  }
  const std::int64_t digits = index_of(*arguments.positional[1], location);
  if (value != nullptr) return heap.make(rounded_int(*value, digits, location), location);
  return heap.make(rounded_real(std::get<double>(number), digits, location), location);
}

Ref absolute(Heap& heap, const Arguments& arguments, const Location& location) {
  const Number number = wanted_number("abs", *arguments.positional[0], location);
  const Object plain{number_data(number), location};
  return as_real(number) < 0.0 ? apply_operator(heap, '-', plain, location)
                               : heap.make(plain.data, location);
}

Ref smallest(Heap& heap, const Arguments& arguments, const Location& location) {
  return extreme("min", true, heap, arguments, location);
}

Ref largest(Heap& heap, const Arguments& arguments, const Location& location) {
  return extreme("max", false, heap, arguments, location);
}

}  // namespace pinfeed::python
