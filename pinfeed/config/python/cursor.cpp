// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/python/cursor.h"

#include <fmt/format.h>

namespace pinfeed::python {
namespace {

std::string described(const Token& token) {
  switch (token.kind) {
    case TokenKind::newline:
    case TokenKind::end: return "end of line";
    case TokenKind::string:
    case TokenKind::format_string: return "string";
    default: return "'" + token.text + "'";
  }
}

}  // namespace

const Token& Cursor::peek(std::size_t ahead) {
  while (ahead_.size() <= ahead) ahead_.push_back(lexer_.next());
  return ahead_[ahead];
}

Token Cursor::take() {
  peek();
  Token token = std::move(ahead_.front());
  ahead_.pop_front();
  last_ = token.span;
  return token;
}

bool Cursor::at(std::string_view symbol, std::size_t ahead) {
  return peek(ahead).kind == TokenKind::symbol && peek(ahead).text == symbol;
}

bool Cursor::at_name(std::string_view name) {
  return peek().kind == TokenKind::name && peek().text == name;
}

bool Cursor::skip(std::string_view symbol) {
  if (!at(symbol)) return false;
  take();
  return true;
}

void Cursor::expect(std::string_view symbol) {
  if (skip(symbol)) return;
  throw failure(fmt::format("expected '{}', not {}", symbol, described(peek())), peek().span);
}

Span Cursor::span_from(const Span& start) const {
  if (last_.line != start.line) return start;
  return {start.line, start.column, last_.column + last_.length - start.column};
}

Error Cursor::unexpected() { return failure("unexpected " + described(peek()), peek().span); }

}  // namespace pinfeed::python
