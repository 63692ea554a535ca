// SPDX-License-Identifier: Apache-2.0
// The statements. Source of the rules: the Python language reference, 7.2.
#include <fmt/format.h>

#include "pinfeed/config/python/evaluator.h"
#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/operators.h"

namespace pinfeed::python {
namespace {

constexpr const char* unchangeable_help = "assign a new value to the whole, or use a list or dict";

}  // namespace

void Evaluator::run(const Statement& statement) {
  if (const auto* expression = std::get_if<NodePtr>(&statement.what)) {
    value_of(**expression);
  } else if (const auto* import = std::get_if<Import>(&statement.what)) {
    run_import(*import);
  } else if (const auto* from = std::get_if<FromImport>(&statement.what)) {
    run_import(*from);
  } else if (const auto* deletion = std::get_if<Deletion>(&statement.what)) {
    for (const NodePtr& target : deletion->targets) remove(*target);
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
    names_.set(Key{std::string(use->name)}, value, location_of(target.span));
  } else if (const auto* access = std::get_if<Access>(&target.what)) {
    assign(*access, target.span, value);
  } else {
    assign_all(std::get<Sequence>(target.what), target.span, value);
  }
}

void Evaluator::assign_all(const Sequence& targets, const Span& span, Ref value) {
  const std::vector<Ref> values = iterate(heap_, *value, location_of(span));
  if (values.size() != targets.items.size()) {
    throw failure(fmt::format("{} names for {} values", targets.items.size(), values.size()), span)
        .help("write as many names as there are values");
  }
  for (std::size_t i = 0; i < values.size(); ++i) assign(*targets.items[i].value, values[i]);
}

// All steps of a.b[c] but the last are read.
Ref Evaluator::owner_of(const Access& target, const Span& span) {
  Ref owner = value_of(*target.base);
  for (std::size_t i = 0; i + 1 < target.steps.size(); ++i) {
    owner = step(owner, target.steps[i], span);
  }
  return owner;
}

DictObject& Evaluator::attributes_of(Ref owner, std::string_view name, const Span& span) const {
  auto* dict = owner->as<DictObject>();
  if (dict != nullptr && dict->has_attributes()) return *dict;
  Error error = failure(fmt::format("the attributes of {} cannot change", described(*owner)), span);
  if (dict != nullptr)
    error.help(fmt::format("write ['{}']: only _base_ has keys as attributes", name));
  throw error.help(unchangeable_help);
}

std::size_t Evaluator::position(const ListObject& list, const Step& last) {
  const NodePtr& node = std::get<Subscript>(last.what).index;
  const std::int64_t at = index_of(*value_of(*node), location_of(last.span));
  const std::int64_t size = std::ssize(list.items);
  if (at >= -size && at < size) return static_cast<std::size_t>(at < 0 ? at + size : at);
  throw index_error(at, "list", size).at(location_of(last.span));
}

void Evaluator::assign(const Access& target, const Span& span, Ref value) {
  const Ref owner = owner_of(target, span);
  const Step& last = target.steps.back();
  if (const auto* name = std::get_if<Attribute>(&last.what)) {
    DictObject& dict = attributes_of(owner, name->name, last.span);
    store(heap_, dict, Key{std::string(name->name)}, value, location_of(last.span));
  } else if (auto* dict = owner->as<DictObject>()) {
    const Node& index = *std::get<Subscript>(last.what).index;
    store(heap_, *dict, key_of(index), value, location_of(index.span));
  } else if (auto* list = owner->as<ListObject>()) {
    list->items[position(*list, last)] = value;
  } else {
    throw failure(fmt::format("the items of {} cannot change", described(*owner)), last.span)
        .help(unchangeable_help);
  }
}

void Evaluator::remove(const Node& target) {
  if (const auto* use = std::get_if<NameUse>(&target.what)) {
    if (names_.find(use->name) == nullptr) throw_unknown(*use, target.span);
    names_.erase(Key{std::string(use->name)});
    return;
  }
  value_of(target);  // it must be there
  const Access& access = std::get<Access>(target.what);
  const Ref owner = owner_of(access, target.span);
  const Step& last = access.steps.back();
  if (const auto* name = std::get_if<Attribute>(&last.what)) {
    attributes_of(owner, name->name, last.span).erase(Key{std::string(name->name)});
  } else if (auto* dict = owner->as<DictObject>()) {
    dict->erase(key_of(*std::get<Subscript>(last.what).index));
  } else if (auto* list = owner->as<ListObject>()) {
    list->items.erase(list->items.begin() + static_cast<std::ptrdiff_t>(position(*list, last)));
  } else {
    throw failure(fmt::format("the items of {} cannot change", described(*owner)), last.span)
        .help(unchangeable_help);
  }
}

// `+=` changes a list itself, so all names of the list see the new items, as in Python.
void Evaluator::augment(const Node& target, Operator op, const Node& value) {
  const Ref before = value_of(target);
  const Ref operand = value_of(value);
  auto* list = before->as<ListObject>();
  if (list != nullptr && op == Operator::add) {
    const std::vector<Ref> more = iterate(heap_, *operand, location_of(value.span));
    heap_.charge(more.size() * sizeof(Ref), location_of(value.span));
    list->items.insert(list->items.end(), more.begin(), more.end());
    assign(target, before);
    return;
  }
  const Ref after = apply_operator(heap_, op, *before, *operand, location_of(target.span));
  if (list == nullptr) {
    assign(target, after);
    return;
  }
  if (auto* items = after->as<ListObject>()) list->items = items->items;
  assign(target, before);
}

}  // namespace pinfeed::python
