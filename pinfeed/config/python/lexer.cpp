// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the Python language reference, 2.
//
// Two things differ from a lexer of Python. Indentation has no tokens: a config has one block at
// most, and the parser asks for Token::indented instead. And the templates of OpenMMLab are part of
// the language: {{ fileBasename }} and {{$NAME:default}} outside strings are replaced by the tokens
// of their text, which all have the span of the template; {{ _base_.x }} is one token.
//
// A token views the source, or the arena where its text differs from the source, so that tokens
// need no allocation. Columns are counted in characters: line_start_ moves forward by one for each
// continuation byte of UTF-8, so that at_ - line_start_ + 1 is the column.
#include "pinfeed/config/python/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/config/python/arena_copy.h"
#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/numbers.h"
#include "pinfeed/config/python/template.h"

namespace pinfeed::python {
namespace {

// A set of characters with a lookup table.
struct CharacterSet {
  std::array<bool, 256> is_member = {};
  constexpr explicit CharacterSet(std::string_view characters) {
    for (const char c : characters) is_member[static_cast<unsigned char>(c)] = true;
  }
  constexpr bool operator()(char c) const { return is_member[static_cast<unsigned char>(c)]; }
};

constexpr CharacterSet is_single_punctuator("()[]{},:.;=+-*/%&|^~<>@");
constexpr CharacterSet is_second("*=/<>.");  // of the long symbols
constexpr std::array<Punctuator, 24> long_punctuators = {
    "**=", "//=", ">>=", "<<=", "...", "**", "//", ">>", "<<", "<=", ">=", "==",
    "!=",  "->",  ":=",  "+=",  "-=",  "*=", "/=", "%=", "&=", "|=", "^=", "@="};

// The length of the longest punctuator at the start of `rest`, or 0.
std::size_t punctuator_length(std::string_view rest) {
  if (rest.size() > 1 && is_second(rest[1])) {
    for (std::size_t length = std::min<std::size_t>(3, rest.size()); length > 1; --length) {
      const Punctuator punctuator(rest.substr(0, length));
      if (std::find(long_punctuators.begin(), long_punctuators.end(), punctuator) !=
          long_punctuators.end()) {
        return length;
      }
    }
  }
  return is_single_punctuator(rest[0]) ? 1 : 0;
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

Error nesting_error(const std::string& what) {
  return Error(ErrorKind::config, fmt::format("{} nested deeper than {}", what, max_depth))
      .help("assign the inner parts to names and combine those");
}

Lexer::Lexer(std::shared_ptr<const SourceText> source, Arena& arena, Templates templates)
    : source_(std::move(source)), arena_(arena), text_(source_->text), templates_(templates) {}

Lexer::Lexer(std::shared_ptr<const SourceText> source, Arena& arena, std::string_view text,
             Span start)
    : source_(std::move(source)),
      arena_(arena),
      text_(text),
      line_(start.line),
      line_start_(1 - start.column),
      fresh_(false),
      inner_(true) {}

void Lexer::advance(std::size_t bytes) {
  for (; bytes > 0 && !ended(); --bytes, ++at_) {
    if (text_[at_] == '\n') {
      ++line_;
      line_start_ = static_cast<long>(at_) + 1;
    } else if (is_continuation(text_[at_])) {
      ++line_start_;
    }
  }
}

// Whether a backslash ends the line here.
bool Lexer::continues_line() const { return peek() == '\\' && peek(1) == '\n'; }

void Lexer::skip_blanks() {
  while (!ended()) {
    if (is_blank(peek())) {
      indented_ = peek() != '\f';
      ++at_;
    } else if (peek() == '#') {
      const std::size_t end = std::min(text_.find('\n', at_), text_.size());
      line_start_ += static_cast<long>(end - at_);  // the line ends before its comment
      at_ = end;
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
    if (!at_template() || !replace_template()) return read();
  }
  const Token token = replaced_.back();
  replaced_.pop_back();
  return token;
}

// {{ fileBasename }} and {{$NAME:80}} outside strings: their text becomes tokens.
bool Lexer::replace_template() {
  const auto found = template_at(text_.substr(at_), source_->name);
  if (!found) return false;
  const Span span = here(count_characters(text_.substr(at_, found->bytes)));
  if (!found->missing.empty()) throw missing_variable(found->missing).at(location_of(span));
  advance(found->bytes);
  fresh_ = false;
  if (!found->base_path.empty()) {
    const std::string_view path = arena_copy(arena_, found->base_path);
    replaced_.push_back({.kind = TokenKind::reference, .span = span, .text = path});
    return true;
  }
  Lexer inside(source_, arena_, arena_copy(arena_, found->text), span);
  for (Token token = inside.next(); token.kind != TokenKind::end; token = inside.next()) {
    token.span = span;
    replaced_.push_back(token);
  }
  std::reverse(replaced_.begin(), replaced_.end());
  return true;
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
  return punctuator();
}

Token Lexer::newline() {
  if (!open_.empty()) {
    throw failure(fmt::format("'{}' is never closed", open_.back().opener), open_.back().span)
        .help("close it or remove it");
  }
  const Token token{.kind = fresh_ || inner_ ? TokenKind::end : TokenKind::newline, .span = here()};
  if (!ended()) advance();
  fresh_ = true;
  indented_ = false;
  return token;
}

Token Lexer::name_or_string() {
  Token token{.kind = TokenKind::name, .span = here()};
  const std::size_t start = at_;
  while (continues_name(peek())) {
    if ((peek() & 0x80) == 0) {
      ++at_;
      continue;
    }
    const std::uint32_t code = first_code_point(text_.substr(at_));
    if (is_lookalike(code)) {
      throw foreign_character(code);
    }
    do advance();
    while (is_continuation(peek()));
  }
  token.text = text_.substr(start, at_ - start);
  token.span.length = column() - token.span.column;
  if (peek() != '\'' && peek() != '"') return token;
  if (!is_string_prefix(token.text)) return token;
  return string(token.text, token.span);
}

// Takes all letters and digits, so that "12abc" is one token and an error.
Token Lexer::number() {
  Token token{.kind = TokenKind::integer, .span = here()};
  const std::size_t start = at_;
  const bool hexadecimal = peek() == '0' && (peek(1) | 0x20) == 'x';
  while ((peek() & 0x80) == 0 && (continues_name(peek()) || peek() == '.')) {
    const bool exponent = !hexadecimal && (peek() | 0x20) == 'e';
    ++at_;
    if (exponent && (peek() == '+' || peek() == '-') && is_digit(peek(1))) ++at_;
  }
  token.text = text_.substr(start, at_ - start);
  token.span.length = column() - token.span.column;
  const NumberLiteral number = parse_number_literal(token.text);
  if (!number.problem.empty()) throw failure(number.problem, token.span).help(number.help);
  token.kind = number.is_real ? TokenKind::real : TokenKind::integer;
  token.real = number.real;
  token.magnitude = number.magnitude;
  return token;
}

Token Lexer::punctuator() {
  if (const std::size_t length = punctuator_length(text_.substr(at_))) {
    const std::string_view word = text_.substr(at_, length);
    const Token token{.kind = TokenKind::punctuator,
                      .punctuator = Punctuator(word),
                      .span = here(static_cast<int>(length)),
                      .text = word};
    at_ += length;
    track_bracket(token);
    return token;
  }
  const auto code = static_cast<unsigned char>(peek());
  if (code <= 0x20 || code >= 0x7F) throw foreign_character(code);
  throw failure(fmt::format("unexpected '{}'", peek()), here()).help(statement_help);
}

Error Lexer::foreign_character(std::uint32_t code) const {
  return failure(fmt::format("the character U+{:04X} is not part of Python", code), here())
      .help("replace it with an ordinary quote, space or letter");
}

void Lexer::track_bracket(const Token& token) {
  const char c = token.text[0];
  if (c == '(' || c == '[' || c == '{') {
    open_.push_back({c, token.span});
    if (std::ssize(open_) <= max_depth) return;
    throw nesting_error("brackets are").at(location_of(token.span));
  }
  if (c != ')' && c != ']' && c != '}') return;
  if (open_.empty()) {
    throw failure(fmt::format("'{}' closes nothing", c), token.span)
        .help("remove it, or add the opening bracket");
  }
  const auto [opener, opened] = open_.back();
  open_.pop_back();
  const char wanted = opener == '(' ? ')' : opener == '[' ? ']' : '}';
  if (c == wanted) return;
  throw failure(fmt::format("'{}' does not close '{}' of line {}", c, opener, opened.line),
                token.span)
      .help("close the brackets in the reverse order of opening");
}

}  // namespace pinfeed::python
