// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pinfeed/config/python/punctuator.h"
#include "pinfeed/core/arena.h"
#include "pinfeed/core/error.h"

namespace pinfeed::python {

/// The limit for nested brackets, expressions and values, so that no input can exhaust the stack.
inline constexpr int max_depth = 200;

/// The help of an error about a statement of the wrong form.
inline constexpr const char* statement_help = "a statement is NAME = VALUE on a line of its own";

/// The help of an error about a config with too much data.
inline constexpr const char* large_data_help =
    "store large data in files and write their paths in the config";

/// The error of something nested deeper than that, without a span: `what` is "the value
/// is" or "brackets are".
Error nesting_error(const std::string& what);

/// A stretch of one line: a SourceSpan without its text.
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
  punctuator,
  newline,
  end
};

/// An expression between the braces of an f-string, or the text between expressions.
struct FormatPart {
  std::string_view text = {};
  bool expression = false;
  Span span = {};
};

/// A token. Its views are of the source or of the lexer's arena.
struct Token {
  TokenKind kind = TokenKind::end;
  bool indented = false;  // the first of its line, with blanks before it
  Punctuator punctuator = {};
  Span span = {};
  std::string_view text = {};   // as written; a string's characters; a reference's path
  std::uint64_t magnitude = 0;  // of an integer; the largest number where it does not fit
  double real = 0.0;
  std::span<const FormatPart> parts = {};  // of a format_string
};

/// Whether {{ fileBasename }} and {{$NAME:default}} in strings are replaced. OpenMMLab replaces
/// them only in configs of the old style.
enum class Templates { replace, keep };

/// Splits the text of a config into Python tokens, without blanks, comments, and line ends inside
/// brackets. Throws Error(config) at the first character that starts no token.
class Lexer {
 public:
  /// The arena and the source must outlive the lexer.
  Lexer(std::shared_ptr<const SourceText> source, Arena& arena, Templates templates);
  /// Only `text`, which starts at `start` of the source: an expression of an f-string. The caller
  /// keeps it alive.
  Lexer(std::shared_ptr<const SourceText> source, Arena& arena, std::string_view text, Span start);

  Token next();
  SourceSpan location_of(Span span) const { return {source_, span.line, span.column, span.length}; }
  Error failure(const std::string& text, Span span) const {
    return Error(ErrorKind::config, text).at(location_of(span));
  }
  /// Whether a string has a template that was not replaced.
  bool has_templates() const { return has_templates_; }

 private:
  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  bool ended() const { return at_ >= text_.size(); }
  int column() const { return static_cast<int>(static_cast<long>(at_) - line_start_) + 1; }
  Span here(int length = 1) const { return {line_, column(), length}; }
  void advance(std::size_t bytes = 1);
  void skip_blanks();
  bool continues_line() const;
  Token read();
  Token read_plain();
  bool replace_template();
  bool at_template() const { return peek() == '{' && peek(1) == '{' && !inner_; }
  bool template_in_string(std::string& out);
  Token newline();
  Token name_or_string();
  Token number();
  Token punctuator();
  Error foreign_character(std::uint32_t code) const;
  Token string(std::string_view prefix, Span start);
  bool plain_string(Token& token, char quote);
  void track_bracket(const Token& token);
  void read_escape(std::string& out);
  void read_code_point(std::string& out, int digits);
  void read_octal(std::string& out);
  bool closes(char quote, bool triple) const;
  void copy_plain(std::string& out, bool format);
  FormatPart replacement(char quote);

  struct Bracket {
    char opener;
    Span span;
  };

  std::shared_ptr<const SourceText> source_;
  Arena& arena_;
  std::string_view text_;
  std::size_t at_ = 0;
  int line_ = 1;
  long line_start_ = 0;    // such that at_ - line_start_ + 1 is the column in characters
  bool fresh_ = true;      // no token on this logical line yet
  bool indented_ = false;  // blanks before the next token since the line or form feed
  bool inner_ = false;     // the inside of an f-string's braces: there are no lines
  Templates templates_ = Templates::replace;
  bool has_templates_ = false;
  std::vector<Bracket> open_;
  std::vector<Token> replaced_;  // the remaining tokens of a template, in reverse order
};

}  // namespace pinfeed::python
