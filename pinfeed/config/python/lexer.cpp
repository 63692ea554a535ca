// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the Python language reference, 2.
#include "pinfeed/config/python/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/template.h"

namespace pinfeed::python {
namespace {

constexpr std::string_view single_symbols = "()[]{},:.;=+-*/%&|^~<>@";
constexpr std::array<std::string_view, 24> long_symbols = {
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==",
    "!=",  "->",  ":=",  "+=",  "-=",  "*=", "/=", "%=", "&=", "|=", "^=", "@="};

bool is_symbol(std::string_view word) {
  if (word.size() == 1) return single_symbols.find(word[0]) != std::string_view::npos;
  return std::find(long_symbols.begin(), long_symbols.end(), word) != long_symbols.end();
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\f'; }

bool is_string_prefix(std::string_view word) {
  if (word.size() > 2) return false;
  std::string lower;
  for (const char c : word) lower += static_cast<char>(c | 0x20);
  return lower == "r" || lower == "u" || lower == "b" || lower == "f" || lower == "rb" ||
         lower == "br" || lower == "rf" || lower == "fr";
}

}  // namespace

Lexer::Lexer(std::shared_ptr<const SourceText> source)
    : source_(std::move(source)), text_(source_->text) {}

Lexer::Lexer(std::shared_ptr<const SourceText> source, std::string_view text, Span start)
    : source_(std::move(source)),
      text_(text),
      line_(start.line),
      column_(start.column),
      fresh_(false),
      inner_(true) {}

Error Lexer::failure(const std::string& text, Span span) const {
  return Error(ErrorKind::config, text).at({source_, span.line, span.column, span.length});
}

void Lexer::advance(std::size_t bytes) {
  for (; bytes > 0 && !ended(); --bytes, ++at_) {
    if (text_[at_] == '\n') {
      ++line_;
      column_ = 1;
    } else if (!is_continuation(text_[at_])) {
      ++column_;
    }
  }
}

// True at a backslash that ends its line.
bool Lexer::continues_line() const { return peek() == '\\' && peek(1) == '\n'; }

void Lexer::skip_blanks() {
  while (!ended()) {
    if (is_blank(peek())) {
      indented_ = peek() != '\f';
      advance();
    } else if (peek() == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());  // only line ends count from here
    } else if (continues_line()) {
      advance(2);
    } else if (peek() == '\n' && (fresh_ || inner_ || !open_.empty())) {
      indented_ = false;
      advance();
    } else {
      return;
    }
  }
}

Token Lexer::next() {
  while (replaced_.empty()) {
    skip_blanks();
    if (!replace_template()) return read();
  }
  Token token = std::move(replaced_.front());
  replaced_.pop_front();
  return token;
}

// {{ fileBasename }} and {{$NAME:80}} outside strings: their text becomes tokens.
bool Lexer::replace_template() {
  const auto found = inner_ ? std::nullopt : template_at(text_.substr(at_), source_->name);
  if (!found) return false;
  const Span span = here(count_characters(text_.substr(at_, found->bytes)));
  if (!found->missing.empty()) throw missing_variable(found->missing, span);
  advance(found->bytes);
  fresh_ = false;
  if (!found->base_path.empty()) {
    replaced_.push_back({TokenKind::reference, span, found->base_path});
    return true;
  }
  Lexer inside(source_, found->text, span);
  for (Token token = inside.next(); token.kind != TokenKind::end; token = inside.next()) {
    token.span = span;
    replaced_.push_back(std::move(token));
  }
  return true;
}

Error Lexer::missing_variable(const std::string& name, Span span) const {
  return failure(fmt::format("the environment variable '{}' is not set", name), span)
      .help(fmt::format("set it, or give a default: {{{{${}:default}}}}", name));
}

Token Lexer::read() {
  if (ended() || peek() == '\n') return newline();
  const bool indented = fresh_ && indented_;
  fresh_ = false;
  Token token = read_plain();
  token.indented = indented;
  return token;
}

Token Lexer::read_plain() {
  if (starts_name(peek())) return name_or_string();
  if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
  if (peek() == '\'' || peek() == '"') return string("", here());
  return symbol();
}

Token Lexer::newline() {
  if (!open_.empty()) {
    throw failure(fmt::format("'{}' is never closed", open_.back().text), open_.back().span);
  }
  Token token{fresh_ || inner_ ? TokenKind::end : TokenKind::newline, here()};
  if (!ended()) advance();
  fresh_ = true;
  indented_ = false;
  return token;
}

Token Lexer::name_or_string() {
  Token token{TokenKind::name, here()};
  const std::size_t start = at_;
  while (!ended() && goes_on_name(peek())) {
    const std::uint32_t code = first_code_point(text_.substr(at_));
    if (is_lookalike(code)) {
      throw failure(fmt::format("the character U+{:04X} is not part of Python", code), here());
    }
    do advance();
    while (is_continuation(peek()));
  }
  token.text = text_.substr(start, at_ - start);
  token.span.length = column_ - token.span.column;
  if (peek() != '\'' && peek() != '"') return token;
  if (!is_string_prefix(token.text)) return token;
  return string(token.text, token.span);
}

// A number goes on while letters do: "1e-3", "0x1F", and "12abc" too, which is none.
Token Lexer::number() {
  Token token{TokenKind::integer, here()};
  const std::size_t start = at_;
  const bool hexadecimal = peek() == '0' && (peek(1) | 0x20) == 'x';
  while (!ended() && (peek() & 0x80) == 0 && (goes_on_name(peek()) || peek() == '.')) {
    const bool exponent = !hexadecimal && (peek() | 0x20) == 'e';
    advance();
    if (exponent && (peek() == '+' || peek() == '-') && is_digit(peek(1))) advance();
  }
  token.text = text_.substr(start, at_ - start);
  token.span.length = column_ - token.span.column;
  const ReadNumber number = read_number(token.text);
  if (!number.problem.empty()) throw failure(number.problem, token.span);
  token.kind = number.is_real ? TokenKind::real : TokenKind::integer;
  token.real = number.real;
  token.magnitude = number.magnitude;
  return token;
}

Token Lexer::symbol() {
  for (std::size_t length = 3; length > 0; --length) {
    const std::string_view word = text_.substr(at_, length);
    if (word.size() != length || !is_symbol(word)) continue;
    Token token{TokenKind::symbol, here(static_cast<int>(length)), std::string(word)};
    advance(length);
    track_bracket(token);
    return token;
  }
  const auto code = static_cast<unsigned char>(peek());
  throw failure(code > 0x20 && code < 0x7F ? fmt::format("unexpected '{}'", peek())
                                           : fmt::format("the character U+{:04X} is not part of "
                                                         "Python",
                                                         code),
                here());
}

void Lexer::track_bracket(const Token& token) {
  const char c = token.text[0];
  if (c == '(' || c == '[' || c == '{') {
    open_.push_back(token);
    if (std::ssize(open_) <= deepest) return;
    throw failure(fmt::format("brackets are nested deeper than {}", deepest), token.span);
  }
  if (c != ')' && c != ']' && c != '}') return;
  if (open_.empty()) throw failure(fmt::format("'{}' closes nothing", c), token.span);
  const Token opener = std::move(open_.back());
  open_.pop_back();
  const char wanted = opener.text[0] == '(' ? ')' : opener.text[0] == '[' ? ']' : '}';
  if (c == wanted) return;
  throw failure(
      fmt::format("'{}' does not close '{}' of line {}", c, opener.text, opener.span.line),
      token.span);
}

}  // namespace pinfeed::python
