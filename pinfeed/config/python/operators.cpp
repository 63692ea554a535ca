// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/operators.h"

#include <fmt/format.h>

#include <limits>

namespace pinfeed::python {
namespace {

bool is_bitwise(Operator op) {
  return op == Operator::shift_left || op == Operator::shift_right || op == Operator::bit_and ||
         op == Operator::bit_or || op == Operator::bit_xor;
}

Error wrong_operands(const std::string& sign, const std::string& operands) {
  return Error(ErrorKind::config, fmt::format("'{}' does not work on {}", sign, operands))
      .help("convert one of them: str(), int(), float()");
}

// True | False is a bool, not an int.
std::optional<bool> logical(Operator op, const Object& a, const Object& b) {
  const auto* left = a.as<bool>();
  const auto* right = b.as<bool>();
  if (left == nullptr || right == nullptr) return std::nullopt;
  if (op == Operator::bit_and) return *left && *right;
  if (op == Operator::bit_or) return *left || *right;
  if (op == Operator::bit_xor) return *left != *right;
  return std::nullopt;
}

std::vector<Ref> joined_items(const std::vector<Ref>& a, const std::vector<Ref>& b) {
  std::vector<Ref> items = a;
  items.insert(items.end(), b.begin(), b.end());
  return items;
}

std::optional<Data> added(Heap& heap, const Object& a, const Object& b, const Location& location) {
  if (a.data.index() != b.data.index()) return std::nullopt;
  if (const auto* text = a.as<std::string>()) {
    heap.charge(text->size(), location);
    return *text + *b.as<std::string>();
  }
  if (a.as<ListObject>() != nullptr) return ListObject{joined_items(*a.items(), *b.items())};
  if (a.as<TupleObject>() != nullptr) return TupleObject{joined_items(*a.items(), *b.items())};
  return std::nullopt;
}

std::vector<Ref> repeated_items(const std::vector<Ref>& items, std::uint64_t times) {
  std::vector<Ref> all;
  all.reserve(items.size() * times);
  for (std::uint64_t i = 0; i < times; ++i) all.insert(all.end(), items.begin(), items.end());
  return all;
}

// "sequence * int": a negative count counts as 0.
std::optional<Data> repeated(Heap& heap, const Object& sequence, const Object& count,
                             const Location& location) {
  const auto number = number_of(count);
  const auto* text = sequence.as<std::string>();
  const auto* items = sequence.items();
  if (!number || !std::holds_alternative<std::int64_t>(*number) || (!text && !items)) {
    return std::nullopt;
  }
  const auto times =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, std::get<std::int64_t>(*number)));
  const std::uint64_t unit = text ? text->size() : items->size() * sizeof(Ref);
  if (unit != 0 && times > std::numeric_limits<std::uint64_t>::max() / unit) {
    heap.charge(std::numeric_limits<std::uint64_t>::max(), location);
  }
  heap.charge(unit * times, location);
  if (unit == 0) return sequence.data;
  if (items) {
    std::vector<Ref> all = repeated_items(*items, times);
    return sequence.as<ListObject>() ? Data(ListObject{std::move(all)})
                                     : Data(TupleObject{std::move(all)});
  }
  std::string all;
  all.reserve(unit * times);
  for (std::uint64_t i = 0; i < times; ++i) all += *text;
  return all;
}

std::optional<Data> united(const Object& a, const Object& b) {
  const auto* left = a.as<DictObject>();
  const auto* right = b.as<DictObject>();
  if (left == nullptr || right == nullptr) return std::nullopt;
  DictObject all = *left;
  for (const DictObject::Entry& entry : right->entries())
    all.set(entry.key, entry.value, entry.span);
  return all;
}

std::optional<Data> of_numbers(Operator op, const Object& a, const Object& b) {
  const auto left = number_of(a);
  const auto right = number_of(b);
  if (!left || !right) return std::nullopt;
  const bool ints =
      std::holds_alternative<std::int64_t>(*left) && std::holds_alternative<std::int64_t>(*right);
  if (is_bitwise(op) && !ints) return std::nullopt;
  return number_data(calculate(op, *left, *right));
}

Data result_of(Heap& heap, Operator op, const Object& a, const Object& b,
               const Location& location) {
  if (const auto truth = logical(op, a, b)) return *truth;
  std::optional<Data> result = of_numbers(op, a, b);
  if (!result && op == Operator::add) result = added(heap, a, b, location);
  if (!result && op == Operator::multiply) result = repeated(heap, a, b, location);
  if (!result && op == Operator::multiply) result = repeated(heap, b, a, location);
  if (!result && op == Operator::bit_or) result = united(a, b);
  if (!result && op == Operator::modulo && a.as<std::string>() != nullptr) {
    throw Error(ErrorKind::config, "pinfeed does not read '%' on strings")
        .help("use an f-string or str.format()");
  }
  if (!result) throw wrong_operands(operator_text(op), described(a) + " and " + described(b));
  return std::move(*result);
}

}  // namespace

Data number_data(Number number) {
  return std::visit([](auto value) -> Data { return value; }, number);
}

std::optional<Number> number_of(const Object& object) {
  if (const auto* value = object.as<bool>()) return std::int64_t{*value};
  if (const auto* value = object.as<std::int64_t>()) return *value;
  if (const auto* value = object.as<double>()) return *value;
  return std::nullopt;
}

Ref apply_operator(Heap& heap, Operator op, const Object& a, const Object& b,
                   const Location& location) {
  try {
    return heap.make(result_of(heap, op, a, b, location), location);
  } catch (Error& error) {
    throw error.at(location);
  }
}

Ref apply_operator(Heap& heap, char sign, const Object& a, const Location& location) {
  const auto number = number_of(a);
  const bool is_int = number && std::holds_alternative<std::int64_t>(*number);
  if (!number || (sign == '~' && !is_int)) {
    throw wrong_operands(std::string(1, sign), described(a)).at(location);
  }
  if (sign == '~') return heap.make(~std::get<std::int64_t>(*number), location);
  if (sign == '+') return heap.make(number_data(*number), location);
  if (!is_int) return heap.make(-std::get<double>(*number), location);
  const Object zero{std::int64_t{0}, location};
  return apply_operator(heap, Operator::subtract, zero, a, location);
}

std::int64_t index_of(const Object& object, const Location& location) {
  const auto number = number_of(object);
  if (number && std::holds_alternative<std::int64_t>(*number))
    return std::get<std::int64_t>(*number);
  throw Error(ErrorKind::config, fmt::format("an index must be int, not {}", described(object)))
      .at(location);
}

}  // namespace pinfeed::python
