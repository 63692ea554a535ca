// SPDX-License-Identifier: Apache-2.0
// The statements. Source of the rules: the Python language reference, 7.2.
#include <fmt/format.h>

#include "pinfeed/config/python/evaluator.h"
#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/operators.h"

namespace pinfeed::python {

void Evaluator::run(const Statement& statement) {
  if (const auto* expression = std::get_if<NodePtr>(&statement.what)) {
    value_of(**expression);
  } else if (const auto* import = std::get_if<Import>(&statement.what)) {
    const Place place = place_of(statement.span);
    names_.set(Key{import->name}, heap_.make(ModuleObject{import->module}, place), place);
  } else {
    run_assignment(std::get<Assignment>(statement.what));
  }
}

void Evaluator::run_assignment(const Assignment& assignment) {
  if (!assignment.value) return;
  if (assignment.augmented) {
    augment(*assignment.targets.front(), *assignment.augmented, *assignment.value);
    return;
  }
  const Ref value = value_of(*assignment.value);
  for (const NodePtr& target : assignment.targets) assign(*target, value);
}

void Evaluator::assign(const Node& target, Ref value) {
  if (const auto* use = std::get_if<NameUse>(&target.what)) {
    names_.set(Key{use->name}, value, place_of(target.span));
  } else if (const auto* access = std::get_if<Access>(&target.what)) {
    assign(*access, target.span, value);
  } else {
    assign_all(std::get<Sequence>(target.what), target.span, value);
  }
}

void Evaluator::assign_all(const Sequence& targets, const Span& span, Ref value) {
  const std::vector<Ref> values = walked(heap_, *value, place_of(span));
  if (values.size() != targets.items.size()) {
    throw failure(fmt::format("{} names for {} values", targets.items.size(), values.size()), span);
  }
  for (std::size_t i = 0; i < values.size(); ++i) assign(*targets.items[i].value, values[i]);
}

// a.b[c] = value: all steps but the last are read.
void Evaluator::assign(const Access& target, const Span& span, Ref value) {
  Ref owner = value_of(*target.base);
  for (std::size_t i = 0; i + 1 < target.steps.size(); ++i) {
    owner = step(owner, target.steps[i], span);
  }
  const Step& last = target.steps.back();
  auto* dict = owner->as<DictObject>();
  if (const auto* name = std::get_if<Attribute>(&last.what)) {
    if (dict != nullptr && dict->has_attributes()) {
      store(heap_, *dict, Key{name->name}, value, place_of(last.span));
      return;
    }
    Error error = failure(fmt::format("{} has no attributes to assign", described(*owner)), last.span);
    if (dict != nullptr) error.help(fmt::format("write ['{}'] = ...: only _base_ has keys as attributes", name->name));
    throw error;
  }
  const Subscript& subscript = std::get<Subscript>(last.what);
  if (dict != nullptr) {
    const Key key = key_of(*subscript.index);
    store(heap_, *dict, key, value, place_of(subscript.index->span));
    return;
  }
  auto* list = owner->as<ListObject>();
  if (list == nullptr) throw failure(fmt::format("items of a {} cannot be assigned", kind_name(*owner)), last.span);
  const std::int64_t at = index_of(*value_of(*subscript.index), place_of(last.span));
  const std::int64_t size = std::ssize(list->items);
  if (at < -size || at >= size) {
    throw failure(fmt::format("index {} is out of range; the list has {} items", at, size), last.span);
  }
  list->items[static_cast<std::size_t>(at < 0 ? at + size : at)] = value;
}

// A list grows in place, so that its other names see it, as in Python.
void Evaluator::augment(const Node& target, Operator what, const Node& value) {
  const Ref before = value_of(target);
  const Ref operand = value_of(value);
  auto* list = before->as<ListObject>();
  if (list != nullptr && what == Operator::add) {
    const std::vector<Ref> more = walked(heap_, *operand, place_of(value.span));
    heap_.charge(more.size() * sizeof(Ref), place_of(value.span));
    list->items.insert(list->items.end(), more.begin(), more.end());
    assign(target, before);
    return;
  }
  const Ref after = applied(heap_, what, *before, *operand, place_of(target.span));
  if (list == nullptr) {
    assign(target, after);
    return;
  }
  if (auto* items = after->as<ListObject>()) list->items = items->items;
  assign(target, before);
}

}  // namespace pinfeed::python
