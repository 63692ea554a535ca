// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "pinfeed/config/python/lexer.h"

namespace pinfeed::python {

/// Walks over the tokens of a text, with a look ahead.
class Cursor {
 public:
  explicit Cursor(Lexer lexer) : lexer_(std::move(lexer)) {}

  const Token& peek(std::size_t ahead = 0);
  Token take();
  bool at(std::string_view symbol, std::size_t ahead = 0);
  bool at_name(std::string_view name);
  bool at(TokenKind kind) { return peek().kind == kind; }
  /// Takes the symbol if it is next.
  bool skip(std::string_view symbol);
  /// Takes the symbol, or throws: "expected ')' after ...".
  void expect(std::string_view symbol);
  /// From `start` to the last token taken, or to the end of start's token on another line.
  Span span_from(const Span& start) const;
  /// The error of a token that does not belong here.
  Error unexpected();
  Error failure(const std::string& text, Span span) const { return lexer_.failure(text, span); }

 private:
  Lexer lexer_;
  std::deque<Token> ahead_;
  Span last_ = {};
};

}  // namespace pinfeed::python
