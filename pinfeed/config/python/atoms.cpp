// SPDX-License-Identifier: Apache-2.0
// The innermost expressions: names, literals, displays. Source of the rules: the Python language
// reference, 6.2.
#include <fmt/format.h>

#include "pinfeed/config/python/expressions.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/parser.h"

namespace pinfeed::python {
namespace {

constexpr int most_clauses = 10;  // the evaluator descends into each

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
  if (cursor_.at("...")) throw cursor_.failure("pinfeed does not read '...'", next.span);
  throw cursor_.unexpected();
}

NodePtr ExpressionParser::name() {
  const Token& next = cursor_.peek();
  const bool constant = next.text == "True" || next.text == "False" || next.text == "None";
  if (next.text == "lambda" || next.text == "yield" || next.text == "await") {
    throw cursor_.failure(fmt::format("pinfeed does not read '{}'", next.text), next.span);
  }
  if (!constant && is_keyword(next.text)) throw cursor_.unexpected();
  const Token taken = cursor_.take();
  if (taken.text == "None") return made(Constant{}, taken.span);
  if (constant) return made(Constant{taken.text == "True"}, taken.span);
  return made(NameUse{taken.text}, taken.span);
}

NodePtr ExpressionParser::literal() {
  const Token token = cursor_.take();
  if (token.kind == TokenKind::real) return made(Constant{token.real}, token.span);
  if (token.magnitude >> 63 != 0) {
    throw cursor_.failure(too_large_text(token.text), token.span);
  }
  return made(Constant{static_cast<std::int64_t>(token.magnitude)}, token.span);
}

NodePtr ExpressionParser::reference() {
  const Token token = cursor_.take();
  BaseReference reference;
  for (std::size_t from = 0; from <= token.text.size();) {
    const std::size_t end = std::min(token.text.find('.', from), token.text.size());
    reference.path.push_back(token.text.substr(from, end - from));
    from = end + 1;
  }
  return made(std::move(reference), token.span);
}

// Strings that stand side by side are one.
NodePtr ExpressionParser::strings() {
  const Span start = cursor_.peek().span;
  std::string text;
  Format format;
  const auto add_text = [&] {
    if (!text.empty()) format.parts.push_back(made(Constant{std::move(text)}, start));
    text.clear();
  };
  bool formatted = false;
  while (cursor_.at(TokenKind::string) || cursor_.at(TokenKind::format_string)) {
    Token token = cursor_.take();
    text += token.text;
    formatted = formatted || token.kind == TokenKind::format_string;
    for (FormatPart& part : token.parts) {
      if (!part.expression) {
        text += part.text;
        continue;
      }
      add_text();
      format.parts.push_back(parse_replacement(source_, part, depth_ + 1));
    }
  }
  if (!formatted) return made(Constant{std::move(text)}, start);
  add_text();
  return made(std::move(format), start);
}

Item ExpressionParser::item() {
  const bool starred = cursor_.skip("*");
  return {expression(), starred};
}

void ExpressionParser::items(Sequence& sequence, std::string_view closer) {
  while (!cursor_.at(closer)) {
    sequence.items.push_back(item());
    if (!cursor_.skip(",")) break;
  }
  cursor_.expect(closer);
}

NodePtr ExpressionParser::parenthesis() {
  const Span start = cursor_.take().span;
  if (cursor_.skip(")")) return made(Sequence{.tuple = true}, start);
  Item first = item();
  if (cursor_.at_name("for")) {
    throw generator_refusal();
  }
  if (!cursor_.at(",") && !first.starred) {
    cursor_.expect(")");
    return std::move(first.value);
  }
  Sequence tuple{.tuple = true};
  tuple.items.push_back(std::move(first));
  if (cursor_.skip(",")) {
    items(tuple, ")");
  } else {
    throw cursor_.failure("a starred expression needs a list or tuple around it", start);
  }
  return made(std::move(tuple), start);
}

NodePtr ExpressionParser::list() {
  const Span start = cursor_.take().span;
  Sequence whole;
  if (cursor_.skip("]")) return made(std::move(whole), start);
  Item first = item();
  if (cursor_.at_name("for") && !first.starred) {
    return comprehension(nullptr, std::move(first.value), "]", start);
  }
  whole.items.push_back(std::move(first));
  if (cursor_.skip(",")) {
    items(whole, "]");
  } else {
    cursor_.expect("]");
  }
  return made(std::move(whole), start);
}

// [element for target in iterable ...], {key: element for ...}
NodePtr ExpressionParser::comprehension(NodePtr key, NodePtr element, std::string_view closer,
                                        Span start) {
  Comprehension whole{std::move(key), std::move(element), {}};
  while (cursor_.at_name("for")) {
    if (std::ssize(whole.clauses) >= most_clauses) throw cursor_.unexpected();
    whole.clauses.push_back(clause());
  }
  if (cursor_.at_name("if")) {
    throw cursor_.failure("pinfeed does not read 'if' in a comprehension", cursor_.peek().span);
  }
  refuse_what_follows();
  cursor_.expect(closer);
  return made(std::move(whole), start);
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
  Sequence names{.tuple = true};
  do {
    if (!cursor_.at(TokenKind::name) || is_keyword(cursor_.peek().text)) break;
    const Token taken = cursor_.take();
    names.items.push_back({made(NameUse{taken.text}, taken.span), false});
  } while (cursor_.skip(","));
  if (names.items.empty()) throw cursor_.unexpected();
  if (closed) cursor_.expect(")");
  if (names.items.size() == 1) return std::move(names.items[0].value);
  return made(std::move(names), start);
}

Pair ExpressionParser::pair() {
  if (cursor_.skip("**")) return {nullptr, expression()};
  const Token first = cursor_.peek();
  NodePtr key = expression();
  if (cursor_.at_name("for") || cursor_.at(",") || cursor_.at("}")) {
    throw cursor_.failure("pinfeed does not read sets", first.span);
  }
  cursor_.expect(":");
  return {std::move(key), expression()};
}

NodePtr ExpressionParser::braces() {
  const Span start = cursor_.take().span;
  DictDisplay whole;
  while (!cursor_.at("}")) {
    whole.pairs.push_back(pair());
    if (cursor_.at_name("for") && whole.pairs.size() == 1 && whole.pairs[0].key) {
      Pair& first = whole.pairs[0];
      return comprehension(std::move(first.key), std::move(first.value), "}", start);
    }
    if (!cursor_.skip(",")) break;
  }
  cursor_.expect("}");
  return made(std::move(whole), start);
}

}  // namespace pinfeed::python
