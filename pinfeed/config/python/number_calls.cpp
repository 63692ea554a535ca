// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/number_calls.h"

#include <fmt/format.h>

#include <cmath>

#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/operators.h"
#include "pinfeed/config/python/plain_text.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed::python {
namespace {

Error not_taken(std::string_view function, const Object& object, const Spot& span) {
  const bool text = function == "int";
  return failure(fmt::format("{}() does not take {}", function, described(object)), span)
      .help(text ? "int() takes numbers and strs of digits" : "it takes int and float");
}

Number wanted_number(const char* function, const Object& object, const Spot& span) {
  if (const auto number = number_of(object)) return *number;
  throw not_taken(function, object, span);
}

double as_real(Number number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

std::int64_t whole(double value, const Spot& span) {
  constexpr double limit = 9223372036854775808.0;
  if (value >= -limit && value < limit) return static_cast<std::int64_t>(value);
  if (std::isfinite(value)) {
    throw integer_overflow(fmt::format("the integer {:.0f}", value)).at(span);
  }
  throw failure(fmt::format("{} is not an integer", python_text(value)), span);
}

// To tens, hundreds...: half to even, as round(15, -1) is 20 and round(25, -1) is 20.
std::int64_t rounded_int(std::int64_t value, std::int64_t digits, const Spot& span) {
  if (digits >= 0) return value;
  if (digits < -20) return 0;
  Int128 unit = 1;
  for (std::int64_t i = digits; i < 0; ++i) unit *= 10;
  const Int128 rest = ((value % unit) + unit) % unit;
  const Int128 low = value - rest;
  const bool up = rest > unit - rest || (rest == unit - rest && (low / unit) % 2 != 0);
  const Int128 result = up ? low + unit : low;
  if (result == static_cast<std::int64_t>(result)) return static_cast<std::int64_t>(result);
  throw integer_overflow(fmt::format("the rounded {}", value)).at(span);
}

double rounded_real(double value, std::int64_t digits, const Spot& span) {
  if (!std::isfinite(value) || digits > 323) return value;
  if (digits < 0) throw failure("round() of a float takes digits of at least 0", span);
  return plain_float(fmt::format("{:.{}f}", value, digits)).value();
}

Ref extreme(const char* name, bool least, Heap& heap, const Arguments& arguments,
            const Spot& span) {
  std::vector<Ref> values = arguments.positional;
  if (values.size() == 1) values = walked(heap, *values[0], span);
  if (values.empty()) throw failure(fmt::format("{}() needs at least one value", name), span);
  Ref best = values[0];
  for (const Ref value : values) {
    const double a = as_real(wanted_number(name, *value, span));
    const double b = as_real(wanted_number(name, *best, span));
    if (least ? a < b : a > b) best = value;
  }
  return best;
}

}  // namespace

Ref to_int(Heap& heap, const Arguments& arguments, const Spot& span) {
  if (arguments.positional.empty()) return heap.make(std::int64_t{0}, span);
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    if (const auto value = plain_int(*text)) return heap.make(*value, span);
    throw not_taken("int", object, span);
  }
  const Number number = wanted_number("int", object, span);
  if (const auto* value = std::get_if<std::int64_t>(&number)) return heap.make(*value, span);
  return heap.make(whole(std::trunc(std::get<double>(number)), span), span);
}

Ref to_float(Heap& heap, const Arguments& arguments, const Spot& span) {
  if (arguments.positional.empty()) return heap.make(0.0, span);
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    if (const auto value = plain_float(*text)) return heap.make(*value, span);
  }
  return heap.make(as_real(wanted_number("float", object, span)), span);
}

Ref rounded(Heap& heap, const Arguments& arguments, const Spot& span) {
  const Number number = wanted_number("round", *arguments.positional[0], span);
  const auto* value = std::get_if<std::int64_t>(&number);
  const bool with_digits =
      arguments.positional.size() == 2 && arguments.positional[1]->as<std::monostate>() == nullptr;
  if (!with_digits) {
    if (value != nullptr) return heap.make(*value, span);
    return heap.make(whole(std::nearbyint(std::get<double>(number)), span), span);
  }
  const std::int64_t digits = index_of(*arguments.positional[1], span);
  if (value != nullptr) return heap.make(rounded_int(*value, digits, span), span);
  return heap.make(rounded_real(std::get<double>(number), digits, span), span);
}

Ref absolute(Heap& heap, const Arguments& arguments, const Spot& span) {
  const Number number = wanted_number("abs", *arguments.positional[0], span);
  const Object plain{number_data(number), span};
  return as_real(number) < 0.0 ? applied(heap, '-', plain, span) : heap.make(plain.data, span);
}

Ref smallest(Heap& heap, const Arguments& arguments, const Spot& span) {
  return extreme("min", true, heap, arguments, span);
}

Ref largest(Heap& heap, const Arguments& arguments, const Spot& span) {
  return extreme("max", false, heap, arguments, span);
}

}  // namespace pinfeed::python
