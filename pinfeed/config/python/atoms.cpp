// SPDX-License-Identifier: Apache-2.0
// The innermost expressions: names, literals, displays. Source of the rules: the Python language
// reference, 6.2.
#include <fmt/format.h>

#include "pinfeed/config/python/arena_copy.h"
#include "pinfeed/config/python/expressions.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/parser.h"

namespace pinfeed::python {
namespace {

constexpr int max_clauses = 10;  // the evaluator descends into each

}  // namespace

NodePtr ExpressionParser::atom() {
  const Token& next = cursor_.peek();
  switch (next.kind) {
    case TokenKind::name: return name();
    case TokenKind::integer:
    case TokenKind::real: return literal();
    case TokenKind::string:
    case TokenKind::format_string: return strings();
    case TokenKind::reference: return reference();
    default: break;
  }
  if (cursor_.at("(")) return parenthesis();
  if (cursor_.at("[")) return list();
  if (cursor_.at("{")) return braces();
  if (cursor_.at("...")) throw cursor_.not_read("'...'", next.span);
  throw cursor_.unexpected();
}

NodePtr ExpressionParser::name() {
  const Token& next = cursor_.peek();
  const bool constant = next.text == "True" || next.text == "False" || next.text == "None";
  if (next.text == "lambda" || next.text == "yield" || next.text == "await") {
    throw cursor_.not_read(fmt::format("'{}'", next.text), next.span);
  }
  if (!constant && is_keyword(next.text)) throw cursor_.unexpected();
  const Token taken = cursor_.take();
  if (taken.text == "None") return make_node(Constant{}, taken.span);
  if (constant) return make_node(Constant{taken.text == "True"}, taken.span);
  return make_node(NameUse{taken.text}, taken.span);
}

NodePtr ExpressionParser::literal() {
  const Token token = cursor_.take();
  if (token.kind == TokenKind::real) return make_node(Constant{token.real}, token.span);
  if (token.magnitude >> 63 != 0) {
    throw integer_overflow(integer_text(token.text)).at(cursor_.location_of(token.span));
  }
  return make_node(Constant{static_cast<std::int64_t>(token.magnitude)}, token.span);
}

NodePtr ExpressionParser::reference() {
  const Token token = cursor_.take();
  return make_node(BaseReference{token.text}, token.span);
}

// Adjacent strings are one string.
NodePtr ExpressionParser::strings() {
  const Token first = cursor_.take();
  const bool alone = !cursor_.at(TokenKind::string) && !cursor_.at(TokenKind::format_string);
  if (alone && first.kind == TokenKind::string) return make_node(Constant{first.text}, first.span);
  std::string text;
  auto parts = new_list<NodePtr>();
  const auto add_text = [&] {
    if (!text.empty()) parts.push_back(make_node(Constant{arena_copy(arena_, text)}, first.span));
    text.clear();
  };
  const auto add = [&](const Token& token) {
    text += token.text;
    for (const FormatPart& part : token.parts) {
      if (!part.expression) {
        text += part.text;
        continue;
      }
      add_text();
      parts.push_back(parse_replacement(source_, arena_, part, depth_ + 1));
    }
  };
  add(first);
  bool formatted = first.kind == TokenKind::format_string;
  while (cursor_.at(TokenKind::string) || cursor_.at(TokenKind::format_string)) {
    const Token token = cursor_.take();
    formatted = formatted || token.kind == TokenKind::format_string;
    add(token);
  }
  if (!formatted) return make_node(Constant{arena_copy(arena_, text)}, first.span);
  add_text();
  return make_node(Format{parts}, first.span);
}

Item ExpressionParser::item() {
  const bool starred = cursor_.skip("*");
  return {expression(), starred};
}

// The items after `first` and its comma.
NodePtr ExpressionParser::sequence(Item first, Punctuator closer, Span start) {
  auto items = new_list<Item>();
  items.push_back(first);
  while (!cursor_.at(closer)) {
    items.push_back(item());
    if (!cursor_.skip(",")) break;
  }
  cursor_.expect(closer);
  return make_node(Sequence{.tuple = closer == Punctuator(")"), .items = items}, start);
}

NodePtr ExpressionParser::parenthesis() {
  const Span start = cursor_.take().span;
  if (cursor_.skip(")")) return make_node(Sequence{.tuple = true}, start);
  const Item first = item();
  if (cursor_.at_name("for")) throw generator_refusal();
  if (cursor_.skip(",")) return sequence(first, ")", start);
  if (first.starred) throw starred_refusal(start);
  cursor_.expect(")");
  return first.value;
}

NodePtr ExpressionParser::list() {
  const Span start = cursor_.take().span;
  if (cursor_.skip("]")) return make_node(Sequence{}, start);
  const Item first = item();
  if (cursor_.at_name("for") && !first.starred) {
    return comprehension(nullptr, first.value, "]", start);
  }
  if (cursor_.skip(",")) return sequence(first, "]", start);
  cursor_.expect("]");
  auto only = new_list<Item>();
  only.push_back(first);
  return make_node(Sequence{.items = only}, start);
}

// [element for target in iterable ...], {key: element for ...}
NodePtr ExpressionParser::comprehension(NodePtr key, NodePtr element, Punctuator closer,
                                        Span start) {
  auto clauses = new_list<Clause>();
  while (cursor_.at_name("for")) {
    if (std::ssize(clauses) >= max_clauses) throw cursor_.unexpected();
    clauses.push_back(clause());
  }
  if (cursor_.at_name("if")) {
    throw cursor_.failure("pinfeed does not read 'if' in a comprehension", cursor_.peek().span)
        .help("write out the list of items");
  }
  refuse_what_follows();
  cursor_.expect(closer);
  return make_node(Comprehension{key, element, clauses}, start);
}

Clause ExpressionParser::clause() {
  cursor_.take();
  Clause clause{targets(), nullptr};
  if (!cursor_.at_name("in")) throw cursor_.unexpected();
  cursor_.take();
  clause.iterable = chain(0);
  return clause;
}

// The names between "for" and "in": "x", "a, b", "(a, b)".
NodePtr ExpressionParser::targets() {
  const Span start = cursor_.peek().span;
  const bool closed = cursor_.skip("(");
  auto names = new_list<Item>();
  do {
    if (!cursor_.at(TokenKind::name) || is_keyword(cursor_.peek().text)) break;
    const Token taken = cursor_.take();
    names.push_back({make_node(NameUse{taken.text}, taken.span), false});
  } while (cursor_.skip(","));
  if (names.empty()) throw cursor_.unexpected();
  if (closed) cursor_.expect(")");
  if (names.size() == 1) return names[0].value;
  return make_node(Sequence{.tuple = true, .items = names}, start);
}

Pair ExpressionParser::pair() {
  if (cursor_.skip("**")) return {nullptr, expression()};
  const Span first = cursor_.peek().span;
  const NodePtr key = expression();
  if (cursor_.at_name("for") || cursor_.at(",") || cursor_.at("}")) {
    throw cursor_.failure("pinfeed does not read sets", first).help("write a list");
  }
  cursor_.expect(":");
  return {key, expression()};
}

NodePtr ExpressionParser::braces() {
  const Span start = cursor_.take().span;
  auto pairs = new_list<Pair>();
  while (!cursor_.at("}")) {
    const Pair last = pair();
    if (cursor_.at_name("for") && pairs.empty() && last.key) {
      return comprehension(last.key, last.value, "}", start);
    }
    pairs.push_back(last);
    if (!cursor_.skip(",")) break;
  }
  cursor_.expect("}");
  return make_node(DictDisplay{pairs}, start);
}

}  // namespace pinfeed::python
