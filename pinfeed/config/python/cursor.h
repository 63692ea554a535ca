// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>

#include "pinfeed/config/python/lexer.h"

namespace pinfeed::python {

/// The tokens of a text with a lookahead of two.
class Cursor {
 public:
  explicit Cursor(Lexer lexer) : lexer_(std::move(lexer)) {}

  /// The next token, or the one after it.
  const Token& peek(std::size_t ahead = 0) {
    while (known_ <= ahead) ahead_[known_++] = lexer_.next();
    return ahead_[ahead];
  }
  Token take() {
    const Token token = peek();
    last_ = token.span;
    if (--known_ > 0) ahead_[0] = ahead_[1];
    return token;
  }
  bool at(Punctuator punctuator, std::size_t ahead = 0) {
    return peek(ahead).punctuator == punctuator;
  }
  bool at_name(std::string_view name) {
    return peek().kind == TokenKind::name && peek().text == name;
  }
  bool at(TokenKind kind) { return peek().kind == kind; }
  /// Takes the punctuator if it is next.
  bool skip(Punctuator punctuator);
  /// Takes the punctuator, or throws: "expected ')' after ...".
  void expect(Punctuator punctuator);
  /// From `start` to the last token taken, or to the end of start's token on another line.
  Span span_from(const Span& start) const;
  /// The error of a construct of Python that pinfeed does not read, such as "comparisons".
  Error not_read(std::string_view construct, Span span) const;
  /// The error of a token that does not belong here.
  Error unexpected();
  Error failure(const std::string& text, Span span) const { return lexer_.failure(text, span); }
  SourceSpan location_of(Span span) const { return lexer_.location_of(span); }
  /// See Lexer.
  bool has_templates() const { return lexer_.has_templates(); }

 private:
  Lexer lexer_;
  std::array<Token, 2> ahead_ = {};
  std::size_t known_ = 0;  // tokens of `ahead_` that are there
  Span last_ = {};
};

}  // namespace pinfeed::python
