// SPDX-License-Identifier: Apache-2.0
// Evaluation of the part of Python that configs use.
//
// The syntax tree is evaluated directly: assignments, expressions without conditions,
// comprehensions without `if`, and imports. Nothing of a config runs, because there is nothing to
// run it with: the parser refuses statements such as `if`, `def` and `class`, and the only
// functions are those of functions.cpp and methods.cpp, which compute values and have no access to
// files, modules or the environment. Every loop is over a finite list, so evaluation always ends.
//
// Aliases behave as in Python: names and containers refer to objects of the Heap, and a change
// through one name is visible through the others. The Heap limits the memory of all objects, and
// max_depth the recursion, so a config can exhaust neither. Dictionaries of bases have attributes
// (_base_.model.depth) and copy what is stored in them, as ConfigDict of OpenMMLab does.
#include "pinfeed/config/python/evaluator.h"

#include <fmt/format.h>

#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/operators.h"

namespace pinfeed::python {
namespace {

template <class T>
Data constant_data(T value) {
  return value;
}

Data constant_data(std::string_view text) { return std::string(text); }

}  // namespace

Ref Evaluator::value_of(const Node& node) {
  return std::visit([&](const auto& what) { return evaluated(what, node.span); }, node.what);
}

Ref Evaluator::evaluated(const Constant& constant, const Span& span) {
  return std::visit([&](auto value) { return heap_.make(constant_data(value), location_of(span)); },
                    constant.value);
}

Ref Evaluator::evaluated(const NameUse& use, const Span& span) {
  if (const Ref known = names_.find(use.name)) return known;
  if (use.name == "_base_" && base_ != nullptr) return base_;
  if (is_function(use.name)) return heap_.make(FunctionObject{use.name}, location_of(span));
  throw_unknown(use, span);
}

void Evaluator::throw_unknown(const NameUse& use, const Span& span) const {
  Error error = failure(fmt::format("there is no name '{}'", use.name), span);
  const DictObject* base = base_ == nullptr ? nullptr : base_->as<DictObject>();
  if (base != nullptr && base->find(use.name) != nullptr) {
    throw error.help(fmt::format("it is a name of a base: write _base_.{}", use.name));
  }
  const std::string near = nearest(use.name, names_.names());
  if (!near.empty()) throw error.help(fmt::format("did you mean '{}'?", near));
  throw error.help("a name must be assigned above its use");
}

Ref Evaluator::evaluated(const BaseReference& reference, const Span& span) {
  ReferenceObject object;
  for (std::size_t from = 0; from <= reference.path.size();) {
    const std::size_t end = std::min(reference.path.find('.', from), reference.path.size());
    object.path.emplace_back(reference.path.substr(from, end - from));
    from = end + 1;
  }
  return heap_.make(std::move(object), location_of(span));
}

Ref Evaluator::evaluated(const Sequence& sequence, const Span& span) {
  std::vector<Ref> items;
  items.reserve(sequence.items.size());
  for (const Item& item : sequence.items) {
    const Ref value = value_of(*item.value);
    if (!item.starred) {
      items.push_back(value);
      continue;
    }
    for (const Ref inner : iterate(heap_, *value, location_of(item.value->span)))
      items.push_back(inner);
  }
  if (sequence.tuple) return heap_.make(TupleObject{std::move(items)}, location_of(span));
  return heap_.make(ListObject{std::move(items)}, location_of(span));
}

Key Evaluator::key_of(const Node& node) {
  const Ref value = value_of(node);
  if (const auto* text = value->as<std::string>()) return {*text};
  if (const auto* number = value->as<std::int64_t>()) return {std::to_string(*number), true};
  throw failure(fmt::format("a key must be str or int, not {}", described(*value)), node.span);
}

Ref Evaluator::evaluated(const DictDisplay& display, const Span& span) {
  DictObject dict;
  for (const Pair& pair : display.pairs) {
    if (pair.key) {
      Key key = key_of(*pair.key);
      dict.set(std::move(key), value_of(*pair.value), location_of(pair.key->span));
      continue;
    }
    const Ref inner = value_of(*pair.value);
    const auto* other = inner->as<DictObject>();
    if (other == nullptr) {
      throw failure(fmt::format("'**' needs a dict, not {}", described(*inner)), pair.value->span);
    }
    for (const auto& entry : other->entries()) dict.set(entry.key, entry.value, entry.span);
  }
  heap_.charge(dict.entries().size() * sizeof(DictObject::Entry), location_of(span));
  return heap_.make(std::move(dict), location_of(span));
}

Ref Evaluator::evaluated(const Chain& chain, const Span& span) {
  Ref value = value_of(*chain.first);
  for (const Operation& operation : chain.rest) {
    const Ref right = value_of(*operation.right);
    value = apply_operator(heap_, operation.op, *value, *right, location_of(span));
  }
  return value;
}

Ref Evaluator::evaluated(const Unary& unary, const Span& span) {
  return apply_operator(heap_, unary.sign, *value_of(*unary.operand), location_of(span));
}

// The value behind the first step. dict(...) is no object that could be called, to be quick; a call
// of an unknown name gets an error of its own.
Ref Evaluator::head_of(const Access& access, const Span& span) {
  const auto* use = std::get_if<NameUse>(&access.base->what);
  const auto* call = std::get_if<Call>(&access.steps.front().what);
  const bool named = use != nullptr && call != nullptr && names_.find(use->name) == nullptr;
  if (!named) return step(value_of(*access.base), access.steps.front(), span);
  if (is_function(use->name)) {
    return call_function(heap_, use->name, arguments_of(*call), location_of(span));
  }
  throw failure(fmt::format("pinfeed does not call '{}'", use->name), access.base->span)
      .help("the functions are " + function_names());
}

Ref Evaluator::evaluated(const Access& access, const Span& span) {
  Ref value = head_of(access, span);
  for (const Step& next : access.steps.subspan(1)) value = step(value, next, span);
  return value;
}

Ref Evaluator::evaluated(const Comprehension& comprehension, const Span& span) {
  ListObject list;
  DictObject dict;
  const auto add = [&] {
    heap_.charge(sizeof(Ref), location_of(span));
    if (!comprehension.key) {
      list.items.push_back(value_of(*comprehension.element));
      return;
    }
    const Key key = key_of(*comprehension.key);
    dict.set(key, value_of(*comprehension.element), location_of(comprehension.key->span));
  };
  loop(comprehension.clauses, add);
  return comprehension.key ? heap_.make(std::move(dict), location_of(span))
                           : heap_.make(std::move(list), location_of(span));
}

// The names of the loops are their own, as in Python.
void Evaluator::loop(std::span<const Clause> clauses, const std::function<void()>& body) {
  if (clauses.empty()) {
    body();
    return;
  }
  const Clause& clause = clauses.front();
  const Location span = location_of(clause.iterable->span);
  const std::vector<Ref> values = iterate(heap_, *value_of(*clause.iterable), span);
  const std::vector<DictObject::Entry> outside = hidden_by(*clause.target);
  for (const Ref value : values) {
    heap_.charge(sizeof(Ref), span);
    assign(*clause.target, value);
    loop(clauses.subspan(1), body);
  }
  for (const DictObject::Entry& entry : outside) {
    if (entry.value == nullptr) names_.erase(entry.key);
    if (entry.value != nullptr) names_.set(entry.key, entry.value, entry.span);
  }
}

// What the names of a target mean before a loop uses them; null where they mean nothing.
std::vector<DictObject::Entry> Evaluator::hidden_by(const Node& target) const {
  std::vector<DictObject::Entry> hidden;
  if (const auto* use = std::get_if<NameUse>(&target.what)) {
    const DictObject::Entry* entry = names_.entry(use->name);
    const DictObject::Entry nothing{Key{std::string(use->name)}};
    hidden.push_back(entry == nullptr ? nothing : *entry);
    return hidden;
  }
  for (const Item& item : std::get<Sequence>(target.what).items) {
    for (DictObject::Entry& entry : hidden_by(*item.value)) hidden.push_back(std::move(entry));
  }
  return hidden;
}

Ref Evaluator::evaluated(const Format& format, const Span& span) {
  std::string text;
  for (const NodePtr& part : format.parts) {
    const std::string piece = text_of(*value_of(*part), location_of(part->span));
    heap_.charge(piece.size(), location_of(span));
    text += piece;
  }
  return heap_.make(std::move(text), location_of(span));
}

}  // namespace pinfeed::python
