// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the Python language reference, 6.
#include "pinfeed/config/python/expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/parser.h"

namespace pinfeed::python {
namespace {

constexpr std::array<std::string_view, 35> keywords = {
    "False", "None",     "True",  "and",    "as",   "assert", "async",  "await",    "break",
    "class", "continue", "def",   "del",    "elif", "else",   "except", "finally",  "for",
    "from",  "global",   "if",    "import", "in",   "is",     "lambda", "nonlocal", "not",
    "or",    "pass",     "raise", "return", "try",  "while",  "with",   "yield"};

struct Sign {
  std::string_view text;
  Operator what;
};

constexpr std::uint64_t smallest_magnitude = std::uint64_t{1} << 63;

// Loosest first. Each level is evaluated from left to right.
const std::array<std::vector<Sign>, 6> levels = {{
    {{"|", Operator::bit_or}},
    {{"^", Operator::bit_xor}},
    {{"&", Operator::bit_and}},
    {{"<<", Operator::shift_left}, {">>", Operator::shift_right}},
    {{"+", Operator::add}, {"-", Operator::subtract}},
    {{"*", Operator::multiply},
     {"/", Operator::divide},
     {"//", Operator::floor_divide},
     {"%", Operator::modulo}},
}};

struct Refusal {
  std::string_view word;
  std::string_view construct;
};

// What may stand after an expression in Python and makes it one that configs do not need.
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

// One level deeper while it lives.
class Deeper {
 public:
  Deeper(int& depth, Cursor& cursor) : depth_(depth) {
    if (depth_ >= deepest) {
      throw cursor.failure(fmt::format("the expression is nested deeper than {}", deepest),
                           cursor.peek().span);
    }
    ++depth_;
  }
  ~Deeper() { --depth_; }
  Deeper(const Deeper&) = delete;
  Deeper& operator=(const Deeper&) = delete;

 private:
  int& depth_;
};

}  // namespace

bool is_keyword(std::string_view word) {
  return std::find(keywords.begin(), keywords.end(), word) != keywords.end();
}

std::string_view sign_of(Operator what) {
  if (what == Operator::power) return "**";
  for (const std::vector<Sign>& level : levels) {
    for (const Sign& sign : level) {
      if (sign.what == what) return sign.text;
    }
  }
  return "";
}

NodePtr ExpressionParser::expression() {
  const Deeper deeper(depth_, cursor_);
  NodePtr node = chain(0);
  refuse_what_follows();
  return node;
}

Error ExpressionParser::generator_refusal() {
  return cursor_.failure("pinfeed does not read generator expressions", cursor_.peek().span)
      .help("write a list: [... for ... in ...]");
}

void ExpressionParser::refuse_what_follows() {
  const Token& next = cursor_.peek();
  if (next.kind != TokenKind::name && next.kind != TokenKind::symbol) return;
  for (const Refusal& refusal : refusals) {
    if (next.text != refusal.word) continue;
    throw cursor_.failure(fmt::format("pinfeed does not read {}", refusal.construct), next.span);
  }
}

NodePtr ExpressionParser::expression_list() {
  const Span start = cursor_.peek().span;
  Item first = item();
  if (!cursor_.at(",")) {
    if (first.starred)
      throw cursor_.failure("a starred expression needs a list or tuple around it", start);
    return std::move(first.value);
  }
  Sequence tuple{.tuple = true};
  tuple.items.push_back(std::move(first));
  while (cursor_.skip(",")) {
    const bool ended = cursor_.at(TokenKind::newline) || cursor_.at(TokenKind::end) ||
                       cursor_.at("=") || cursor_.at(";") || cursor_.at("]");
    if (ended) break;
    tuple.items.push_back(item());
  }
  return made(std::move(tuple), start);
}

NodePtr ExpressionParser::chain(std::size_t level) {
  if (level == levels.size()) return unary();
  const Span start = cursor_.peek().span;
  NodePtr first = chain(level + 1);
  Chain whole;
  const auto next_sign = [&]() -> const Sign* {
    for (const Sign& sign : levels[level]) {
      if (cursor_.at(sign.text)) return &sign;
    }
    return nullptr;
  };
  while (const Sign* sign = next_sign()) {
    cursor_.take();
    whole.rest.push_back({sign->what, chain(level + 1)});
  }
  if (whole.rest.empty()) return first;
  whole.first = std::move(first);
  return made(std::move(whole), start);
}

NodePtr ExpressionParser::unary() {
  const Token& sign = cursor_.peek();
  if (cursor_.at_name("not")) throw cursor_.failure("pinfeed does not read 'not'", sign.span);
  if (!cursor_.at("-") && !cursor_.at("+") && !cursor_.at("~")) return power();
  const Deeper deeper(depth_, cursor_);
  const Token taken = cursor_.take();
  const Token& next = cursor_.peek();
  const bool smallest = next.kind == TokenKind::integer && next.magnitude == smallest_magnitude;
  if (taken.text == "-" && smallest && !cursor_.at("**", 1)) {
    cursor_.take();
    return made(Constant{std::numeric_limits<std::int64_t>::min()}, taken.span);
  }
  if (taken.text == "-" && next.kind == TokenKind::integer && next.magnitude > smallest_magnitude) {
    throw cursor_.failure(too_large_text("-" + next.text), next.span);
  }
  NodePtr operand = unary();
  return made(Unary{taken.text[0], std::move(operand)}, taken.span);
}

// Binds tighter than a minus before it, looser than one behind it, and to the right.
NodePtr ExpressionParser::power() {
  const Span start = cursor_.peek().span;
  NodePtr base = access();
  if (!cursor_.skip("**")) return base;
  const Deeper deeper(depth_, cursor_);
  Chain whole{std::move(base), {}};
  whole.rest.push_back({Operator::power, unary()});
  return made(std::move(whole), start);
}

NodePtr ExpressionParser::access() {
  const Span start = cursor_.peek().span;
  NodePtr base = atom();
  Access whole;
  while (cursor_.at(".") || cursor_.at("[") || cursor_.at("(")) {
    if (cursor_.at("[")) {
      whole.steps.push_back(subscript());
      continue;
    }
    const Span from = cursor_.peek().span;
    if (cursor_.at("(")) {
      Call arguments = call();
      whole.steps.push_back({cursor_.span_from(from), std::move(arguments)});
      continue;
    }
    cursor_.take();
    if (!cursor_.at(TokenKind::name) || is_keyword(cursor_.peek().text)) throw cursor_.unexpected();
    const Token attribute = cursor_.take();
    whole.steps.push_back({attribute.span, Attribute{attribute.text}});
  }
  if (whole.steps.empty()) return base;
  whole.base = std::move(base);
  return made(std::move(whole), start);
}

Step ExpressionParser::subscript() {
  const Span start = cursor_.take().span;
  NodePtr first = cursor_.at(":") ? nullptr : expression_list();
  if (first && cursor_.skip("]")) {
    return {cursor_.span_from(start), Subscript{std::move(first)}};
  }
  Slice slice{.start = std::move(first)};
  cursor_.expect(":");
  slice.stop = slice_part();
  if (cursor_.skip(":")) slice.step = slice_part();
  cursor_.expect("]");
  return {cursor_.span_from(start), std::move(slice)};
}

NodePtr ExpressionParser::slice_part() {
  return cursor_.at(":") || cursor_.at("]") ? nullptr : expression();
}

Call ExpressionParser::call() {
  cursor_.take();
  Call whole;
  while (!cursor_.at(")")) {
    whole.arguments.push_back(argument());
    const Argument& last = whole.arguments.back();
    if (cursor_.at_name("for")) {
      throw generator_refusal();
    }
    const auto same = [&last](const Argument& other) {
      return &other != &last && !last.name.empty() && other.name == last.name;
    };
    if (std::any_of(whole.arguments.begin(), whole.arguments.end(), same)) {
      throw cursor_.failure(fmt::format("the key '{}' is given twice", last.name), last.span);
    }
    if (!cursor_.skip(",")) break;
  }
  cursor_.expect(")");
  return whole;
}

Argument ExpressionParser::argument() {
  Argument argument{.span = cursor_.peek().span};
  if (cursor_.skip("**"))
    argument.stars = 2;
  else if (cursor_.skip("*"))
    argument.stars = 1;
  if (argument.stars == 0 && cursor_.at(TokenKind::name) && cursor_.at("=", 1)) {
    const Token name = cursor_.take();
    if (is_keyword(name.text)) {
      throw cursor_
          .failure(fmt::format("'{}' is a word of Python, no name of a key", name.text), name.span)
          .help(fmt::format("write {{'{}': ...}}", name.text));
    }
    cursor_.take();
    argument.name = name.text;
  }
  argument.value = expression();
  return argument;
}

}  // namespace pinfeed::python
