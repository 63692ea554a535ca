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

Number wanted_number(const char* function, const Object& object, const Spot& place) {
  if (const auto number = number_of(object)) return *number;
  throw failure(fmt::format("{}() does not take {}", function, described(object)), place);
}

double as_real(Number number) {
  return std::visit([](auto value) { return static_cast<double>(value); }, number);
}

Data number_data(Number number) {
  return std::visit([](auto value) -> Data { return value; }, number);
}

std::int64_t whole(double value, const Spot& place) {
  constexpr double limit = 9223372036854775808.0;
  if (value >= -limit && value < limit) return static_cast<std::int64_t>(value);
  const bool finite = std::isfinite(value);
  throw failure(finite ? fmt::format("the integer {:.0f} does not fit 64 bits", value)
                       : fmt::format("{} is no integer", python_text(value)),
                place);
}

// To tens, hundreds...: half to even, as round(15, -1) is 20 and round(25, -1) is 20.
std::int64_t rounded_int(std::int64_t value, std::int64_t digits, const Spot& place) {
  if (digits >= 0) return value;
  if (digits < -20) return 0;
  __extension__ using Wide = __int128;
  Wide unit = 1;
  for (std::int64_t i = digits; i < 0; ++i) unit *= 10;
  const Wide rest = ((value % unit) + unit) % unit;
  const Wide low = value - rest;
  const bool up = rest > unit - rest || (rest == unit - rest && (low / unit) % 2 != 0);
  const Wide result = up ? low + unit : low;
  if (result == static_cast<std::int64_t>(result)) return static_cast<std::int64_t>(result);
  throw failure(fmt::format("the rounded {} does not fit 64 bits", value), place);
}

double rounded_real(double value, std::int64_t digits, const Spot& place) {
  if (!std::isfinite(value) || digits > 323) return value;
  if (digits < 0) throw failure("round() of a float takes digits of at least 0", place);
  return plain_float(fmt::format("{:.{}f}", value, digits)).value();
}

Ref extreme(const char* name, bool least, Heap& heap, const Arguments& arguments,
            const Spot& place) {
  std::vector<Ref> values = arguments.positional;
  if (values.size() == 1) values = walked(heap, *values[0], place);
  if (values.empty()) throw failure(fmt::format("{}() of nothing", name), place);
  Ref best = values[0];
  for (const Ref value : values) {
    const double a = as_real(wanted_number(name, *value, place));
    const double b = as_real(wanted_number(name, *best, place));
    if (least ? a < b : a > b) best = value;
  }
  return best;
}

}  // namespace

Ref to_int(Heap& heap, const Arguments& arguments, const Spot& place) {
  if (arguments.positional.empty()) return heap.make(std::int64_t{0}, place);
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    if (const auto value = plain_int(*text)) return heap.make(*value, place);
    throw failure(fmt::format("int() does not take {}", described(object)), place);
  }
  const Number number = wanted_number("int", object, place);
  if (const auto* value = std::get_if<std::int64_t>(&number)) return heap.make(*value, place);
  return heap.make(whole(std::trunc(std::get<double>(number)), place), place);
}

Ref to_float(Heap& heap, const Arguments& arguments, const Spot& place) {
  if (arguments.positional.empty()) return heap.make(0.0, place);
  const Object& object = *arguments.positional[0];
  if (const auto* text = object.as<std::string>()) {
    if (const auto value = plain_float(*text)) return heap.make(*value, place);
  }
  return heap.make(as_real(wanted_number("float", object, place)), place);
}

Ref rounded(Heap& heap, const Arguments& arguments, const Spot& place) {
  const Number number = wanted_number("round", *arguments.positional[0], place);
  const auto* value = std::get_if<std::int64_t>(&number);
  const bool with_digits =
      arguments.positional.size() == 2 && arguments.positional[1]->as<std::monostate>() == nullptr;
  if (!with_digits) {
    if (value != nullptr) return heap.make(*value, place);
    return heap.make(whole(std::nearbyint(std::get<double>(number)), place), place);
  }
  const std::int64_t digits = index_of(*arguments.positional[1], place);
  if (value != nullptr) return heap.make(rounded_int(*value, digits, place), place);
  return heap.make(rounded_real(std::get<double>(number), digits, place), place);
}

Ref absolute(Heap& heap, const Arguments& arguments, const Spot& place) {
  const Number number = wanted_number("abs", *arguments.positional[0], place);
  const Object plain{number_data(number), place};
  return as_real(number) < 0.0 ? applied(heap, '-', plain, place) : heap.make(plain.data, place);
}

Ref smallest(Heap& heap, const Arguments& arguments, const Spot& place) {
  return extreme("min", true, heap, arguments, place);
}

Ref largest(Heap& heap, const Arguments& arguments, const Spot& place) {
  return extreme("max", false, heap, arguments, place);
}

}  // namespace pinfeed::python
