// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the Python language reference, 6.
#include "pinfeed/config/python/expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/config/python/numbers.h"

namespace pinfeed::python {
namespace {

struct BinaryOperator {
  Punctuator punctuator;
  Operator op;
  int level;  // precedence from 0, the lowest; operators of one level are left-associative
};

constexpr std::uint64_t smallest_magnitude = std::uint64_t{1} << 63;

constexpr std::array<BinaryOperator, 11> binary_operators = {{
    {"|", Operator::bit_or, 0},
    {"^", Operator::bit_xor, 1},
    {"&", Operator::bit_and, 2},
    {"<<", Operator::shift_left, 3},
    {">>", Operator::shift_right, 3},
    {"+", Operator::add, 4},
    {"-", Operator::subtract, 4},
    {"*", Operator::multiply, 5},
    {"/", Operator::divide, 5},
    {"//", Operator::floor_divide, 5},
    {"%", Operator::modulo, 5},
}};

// The tokens after most expressions.
bool ends_expression(const Token& token) {
  return token.punctuator == Punctuator(",") || token.punctuator == Punctuator(")") ||
         token.punctuator == Punctuator("]") || token.kind == TokenKind::newline;
}

const BinaryOperator* operator_at(const Token& token) {
  if (token.kind != TokenKind::punctuator || ends_expression(token)) return nullptr;
  for (const BinaryOperator& sign : binary_operators) {
    if (sign.punctuator == token.punctuator) return &sign;
  }
  return nullptr;
}

struct Refusal {
  std::string_view word;
  std::string_view construct;
};

// Tokens that may follow an expression in Python and make it one that pinfeed does not read.
constexpr std::array<Refusal, 14> refusals = {{
    {"if", "conditional expressions"},
    {"and", "'and'"},
    {"or", "'or'"},
    {"not", "comparisons"},
    {"in", "comparisons"},
    {"is", "comparisons"},
    {"==", "comparisons"},
    {"!=", "comparisons"},
    {"<", "comparisons"},
    {">", "comparisons"},
    {"<=", "comparisons"},
    {">=", "comparisons"},
    {":=", "':='"},
    {"@", "'@'"},
}};

// Increments the depth in its scope.
class DepthGuard {
 public:
  DepthGuard(int& depth, Cursor& cursor) : depth_(depth) {
    if (depth_ >= max_depth) {
      throw nesting_error("the expression is").at(cursor.location_of(cursor.peek().span));
    }
    ++depth_;
  }
  ~DepthGuard() { --depth_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  int& depth_;
};

}  // namespace

std::string operator_text(Operator op) {
  if (op == Operator::power) return "**";
  for (const BinaryOperator& sign : binary_operators) {
    if (sign.op == op) return sign.punctuator.text();
  }
  return "";
}

NodePtr ExpressionParser::expression() {
  const DepthGuard guard(depth_, cursor_);
  const NodePtr node = chain(0);
  refuse_what_follows();
  return node;
}

Error ExpressionParser::starred_refusal(Span span) {
  return cursor_.failure("a starred expression needs a list or tuple around it", span)
      .help("write [*a] for a list or (*a,) for a tuple");
}

Error ExpressionParser::generator_refusal() {
  return cursor_.failure("pinfeed does not read generator expressions", cursor_.peek().span)
      .help("write a list: [... for ... in ...]");
}

void ExpressionParser::refuse_what_follows() {
  const Token& next = cursor_.peek();
  if (next.kind != TokenKind::name && next.kind != TokenKind::punctuator) return;
  if (ends_expression(next)) return;
  for (const Refusal& refusal : refusals) {
    if (next.text != refusal.word) continue;
    throw cursor_.not_read(refusal.construct, next.span);
  }
}

NodePtr ExpressionParser::expression_list() {
  const Span start = cursor_.peek().span;
  const Item first = item();
  if (!cursor_.at(",")) {
    if (first.starred) throw starred_refusal(start);
    return first.value;
  }
  auto items = new_list<Item>();
  items.push_back(first);
  while (cursor_.skip(",")) {
    const bool ended = cursor_.at(TokenKind::newline) || cursor_.at(TokenKind::end) ||
                       cursor_.at("=") || cursor_.at(";") || cursor_.at("]");
    if (ended) break;
    items.push_back(item());
  }
  return make_node(Sequence{.tuple = true, .items = items}, start);
}

// Operators of one precedence make one node, so a long sum is not a deep tree.
NodePtr ExpressionParser::chain(int loosest) {
  const Span start = cursor_.peek().span;
  NodePtr left = unary();
  const BinaryOperator* sign = operator_at(cursor_.peek());
  while (sign != nullptr && sign->level >= loosest) {
    const int level = sign->level;
    auto rest = new_list<Operation>();
    for (; sign != nullptr && sign->level == level; sign = operator_at(cursor_.peek())) {
      cursor_.take();
      rest.push_back({sign->op, chain(level + 1)});
    }
    left = make_node(Chain{left, rest}, start);
  }
  return left;
}

NodePtr ExpressionParser::unary() {
  const Token& sign = cursor_.peek();
  if (cursor_.at_name("not")) throw cursor_.not_read("'not'", sign.span);
  if (!cursor_.at("-") && !cursor_.at("+") && !cursor_.at("~")) return power();
  const DepthGuard guard(depth_, cursor_);
  const Token taken = cursor_.take();
  const Token& next = cursor_.peek();
  const bool smallest = next.kind == TokenKind::integer && next.magnitude == smallest_magnitude;
  if (taken.text == "-" && smallest && !cursor_.at("**", 1)) {
    cursor_.take();
    return make_node(Constant{std::numeric_limits<std::int64_t>::min()}, taken.span);
  }
  if (taken.text == "-" && next.kind == TokenKind::integer && next.magnitude > smallest_magnitude) {
    throw integer_overflow(integer_text(fmt::format("-{}", next.text)))
        .at(cursor_.location_of(next.span));
  }
  const NodePtr operand = unary();
  return make_node(Unary{taken.text[0], operand}, taken.span);
}

// Binds more tightly than a unary operator on its left, less tightly than one on its right, and is
// right-associative.
NodePtr ExpressionParser::power() {
  const Span start = cursor_.peek().span;
  const NodePtr base = access();
  if (!cursor_.skip("**")) return base;
  const DepthGuard guard(depth_, cursor_);
  auto rest = new_list<Operation>();
  rest.push_back({Operator::power, unary()});
  return make_node(Chain{base, rest}, start);
}

NodePtr ExpressionParser::access() {
  const Span start = cursor_.peek().span;
  const NodePtr base = atom();
  const auto has_step = [&] { return cursor_.at(".") || cursor_.at("[") || cursor_.at("("); };
  if (!has_step()) return base;
  auto steps = new_list<Step>();
  while (has_step()) {
    if (cursor_.at("[")) {
      steps.push_back(subscript());
      continue;
    }
    const Span from = cursor_.peek().span;
    if (cursor_.at("(")) {
      const Call arguments = call();
      steps.push_back({cursor_.span_from(from), arguments});
      continue;
    }
    cursor_.take();
    if (!cursor_.at(TokenKind::name) || is_keyword(cursor_.peek().text)) throw cursor_.unexpected();
    const Token attribute = cursor_.take();
    steps.push_back({attribute.span, Attribute{attribute.text}});
  }
  return make_node(Access{base, steps}, start);
}

Step ExpressionParser::subscript() {
  const Span start = cursor_.take().span;
  const NodePtr first = cursor_.at(":") ? nullptr : expression_list();
  if (first && cursor_.skip("]")) return {cursor_.span_from(start), Subscript{first}};
  Slice slice{.start = first};
  cursor_.expect(":");
  slice.stop = slice_part();
  if (cursor_.skip(":")) slice.step = slice_part();
  cursor_.expect("]");
  return {cursor_.span_from(start), slice};
}

NodePtr ExpressionParser::slice_part() {
  return cursor_.at(":") || cursor_.at("]") ? nullptr : expression();
}

}  // namespace pinfeed::python
