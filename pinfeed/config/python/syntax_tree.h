// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "pinfeed/config/python/lexer.h"

namespace pinfeed::python {

// Expressions are allocated in the arena of their SyntaxTree. Their views are of it or of the
// source.

struct Node;
using NodePtr = const Node*;

enum class Operator {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  shift_left,
  shift_right,
  bit_and,
  bit_or,
  bit_xor
};
/// "+", "//"...
std::string operator_text(Operator op);

// The expressions.

struct Constant {
  std::variant<std::monostate, bool, std::int64_t, double, std::string_view> value = {};
};
struct NameUse {
  std::string_view name = {};
};
struct BaseReference {         // {{ _base_.a.b }}
  std::string_view path = {};  // "a.b"
};
struct Item {
  NodePtr value = nullptr;
  bool starred = false;
};
struct Sequence {
  bool tuple = false;
  std::span<const Item> items = {};
};
struct Pair {
  NodePtr key = nullptr;  // null: **value
  NodePtr value = nullptr;
};
struct DictDisplay {
  std::span<const Pair> pairs = {};
};
struct Operation {
  Operator op = Operator::add;
  NodePtr right = nullptr;
};
/// first op right op right..., all of one precedence: evaluated in a loop, however long.
struct Chain {
  NodePtr first = nullptr;
  std::span<const Operation> rest = {};
};
struct Unary {
  char sign = '-';
  NodePtr operand = nullptr;
};
struct Attribute {
  std::string_view name = {};
};
struct Subscript {
  NodePtr index = nullptr;
};
struct Slice {
  NodePtr start = nullptr;  // null: left out
  NodePtr stop = nullptr;
  NodePtr step = nullptr;
};
struct Argument {
  std::string_view name = {};  // empty: positional
  int stars = 0;               // 1: *value, 2: **value
  NodePtr value = nullptr;
  Span span = {};  // of the name, or of the value
};
struct Call {
  std::span<const Argument> arguments = {};
};
struct Step {
  Span span = {};  // from the dot or bracket on
  std::variant<Attribute, Subscript, Slice, Call> what = {};
};
/// base.a[b](c)...: evaluated in a loop, however long.
struct Access {
  NodePtr base = nullptr;
  std::span<const Step> steps = {};
};
struct Clause {  // for target in iterable
  NodePtr target = nullptr;
  NodePtr iterable = nullptr;
};
struct Comprehension {
  NodePtr key = nullptr;  // null: a list
  NodePtr element = nullptr;
  std::span<const Clause> clauses = {};
};
struct Format {
  std::span<const NodePtr> parts = {};
};

struct Node {
  Span span = {};
  std::variant<Constant, NameUse, BaseReference, Sequence, DictDisplay, Chain, Unary, Access,
               Comprehension, Format>
      what = {};
};

// The statements.

struct Assignment {
  std::vector<NodePtr> targets = {};       // a = b = value
  NodePtr value = nullptr;                 // null: the annotation "a: int" alone
  std::optional<Operator> augmented = {};  // a += value
  bool annotated = false;
};
struct Import {
  std::string module = {};  // "torch.nn"
  std::string name = {};    // what it is called here
  bool named = false;       // by "as name"; otherwise the name is the first part of the module
  Span span = {};           // of the module
};
struct ImportedName {
  std::string name = {};  // "*": all of a base
  std::string as = {};    // what it is called here
  Span span = {};
};
struct FromImport {
  int dots = 0;             // before the module: it is relative to this file
  std::string module = {};  // "mmengine.config"
  std::vector<ImportedName> names = {};
  bool of_base = false;  // inside `with read_base():`
  Span span = {};        // of dots and module
};
struct Deletion {
  std::vector<NodePtr> targets = {};
};
struct Statement {
  Span span = {};
  std::variant<NodePtr, Assignment, Import, FromImport, Deletion> what = {};
};

/// A config as it is written.
struct SyntaxTree {
  std::unique_ptr<Arena> arena = nullptr;  // of the expressions
  std::vector<Statement> statements = {};
  bool has_templates = false;  // its strings have templates, which were left
};

}  // namespace pinfeed::python
