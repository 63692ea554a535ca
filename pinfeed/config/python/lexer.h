// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/core/error.h"

namespace pinfeed::python {

/// Brackets, expressions and values nested deeper than this are refused, so that no input can
/// exhaust the stack.
inline constexpr int deepest = 200;

/// A stretch of one line: a Place without its text.
struct Span {
  int line = 0;
  int column = 0;  // from 1, in characters
  int length = 1;
};

enum class TokenKind {
  name,
  integer,
  real,
  string,
  format_string,
  reference,
  symbol,
  newline,
  end
};

/// What stands between the braces of an f-string, or the text around them.
struct FormatPart {
  std::string text = {};
  bool expression = false;
  Span span = {};
};

struct Token {
  TokenKind kind = TokenKind::end;
  Span span = {};
  std::string text = {};  // name, symbol as written; a string's characters; a reference's path
  std::uint64_t magnitude = 0;  // of an integer; the largest number where it does not fit
  double real = 0.0;
  bool indented = false;               // the first of its line, with blanks before it
  std::vector<FormatPart> parts = {};  // of a format_string
};

/// Cuts the text of a config into the tokens of Python. Blanks, comments, and line ends inside
/// brackets are gone. Throws Error(config) at the first character that fits nothing.
class Lexer {
 public:
  explicit Lexer(std::shared_ptr<const SourceText> source);
  /// Only `text`, which stands at `start` of the source: the inside of an f-string's braces. The
  /// caller keeps it.
  Lexer(std::shared_ptr<const SourceText> source, std::string_view text, Span start);

  Token next();
  Error failure(const std::string& text, Span span) const;

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool ended() const { return at_ >= text_.size(); }
  Span here(int length = 1) const { return {line_, column_, length}; }
  void advance(std::size_t bytes = 1);
  void skip_blanks();
  bool continues_line() const;
  Token read();
  Token read_plain();
  Error missing_variable(const std::string& name, Span span) const;
  bool replace_template();
  bool template_in_string(std::string& out);
  Token newline();
  Token name_or_string();
  Token number();
  Token symbol();
  Token string(std::string_view prefix, Span start);
  void track_bracket(const Token& token);
  void read_escape(std::string& out);
  void read_code_point(std::string& out, int digits);
  void read_octal(std::string& out);
  bool closes(char quote, bool triple) const;
  void copy_plain(std::string& out, bool format);
  void read_replacement(Token& token, char quote);

  std::shared_ptr<const SourceText> source_;
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  int column_ = 1;
  bool fresh_ = true;      // no token on this logical line yet
  bool indented_ = false;  // blanks stand before the next token; a form feed takes them back
  bool inner_ = false;     // the inside of an f-string's braces: there are no lines
  std::vector<Token> open_;
  std::deque<Token> replaced_;  // the tokens of a template, before what follows it
};

}  // namespace pinfeed::python
