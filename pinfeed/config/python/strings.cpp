// SPDX-License-Identifier: Apache-2.0
// The string literals of the lexer. Source of the rules: the Python language reference, 2.4.1.
#include <fmt/format.h>

#include "pinfeed/config/python/arena_copy.h"
#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/lexer.h"
#include "pinfeed/config/python/template.h"

namespace pinfeed::python {
namespace {

bool has(std::string_view prefix, char letter) {
  for (const char c : prefix) {
    if ((c | 0x20) == letter) return true;
  }
  return false;
}

// The character of a one-letter escape, or 0.
char simple_escape(char c) {
  switch (c) {
    case '\\': return '\\';
    case '\'': return '\'';
    case '"': return '"';
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: return '\0';
  }
}

// Appends the characters so far as a text part.
void add_text(Arena& arena, std::vector<FormatPart>& parts, std::string& run) {
  if (!run.empty()) parts.push_back({.text = arena_copy(arena, run)});
  run.clear();
}

}  // namespace

bool Lexer::closes(char quote, bool triple) const {
  return peek() == quote && (!triple || (peek(1) == quote && peek(2) == quote));
}

// The quote is next; `start` is the position of the prefix.
Token Lexer::string(std::string_view prefix, Span start) {
  if (has(prefix, 'b')) {
    throw failure("pinfeed does not read bytes literals", start).help("write a str");
  }
  const char quote = peek();
  const bool triple = peek(1) == quote && peek(2) == quote;
  const bool raw = has(prefix, 'r');
  const bool format = has(prefix, 'f');
  Token token{.kind = format ? TokenKind::format_string : TokenKind::string, .span = start};
  if (!format && !triple && plain_string(token, quote)) return token;
  std::vector<FormatPart> parts;
  advance(triple ? 3 : 1);
  std::string run;
  while (!closes(quote, triple)) {
    if (ended() || (peek() == '\n' && !triple)) {
      start.length = triple ? 3 : 1;
      throw failure("the string is never closed", start)
          .help("end it with the quote it starts with; a str of several lines needs three quotes");
    }
    if (line_ == start.line) token.span.length = column() - start.column + 1;
    if (template_in_string(run)) continue;
    if (peek() == '\\' && !raw) {
      read_escape(run);
    } else if (format && (peek() == '{' || peek() == '}') && peek(1) != peek()) {
      add_text(arena_, parts, run);
      parts.push_back(replacement(quote));
    } else {
      copy_plain(run, format);
    }
  }
  advance(triple ? 3 : 1);
  if (line_ == start.line) token.span.length = column() - start.column;
  if (format) add_text(arena_, parts, run);
  token.parts = arena_copy(arena_, parts);
  token.text = arena_copy(arena_, run);
  return token;
}

// A string of one line without escapes and templates is a stretch of the source.
bool Lexer::plain_string(Token& token, char quote) {
  std::size_t end = at_ + 1;
  long continuations = 0;
  for (;; ++end) {
    const char c = end < text_.size() ? text_[end] : '\n';
    if (c == quote) break;
    if (c == '\n' || c == '\\' || c == '{') return false;
    continuations += is_continuation(c) ? 1 : 0;
  }
  token.text = text_.substr(at_ + 1, end - at_ - 1);
  at_ = end + 1;
  line_start_ += continuations;
  token.span.length = column() - token.span.column;
  return true;
}

// The text of {{ fileBasename }} or {{$NAME:default}} is taken as it is.
bool Lexer::template_in_string(std::string& out) {
  if (!at_template()) return false;
  const auto found = template_at(text_.substr(at_), source_->name);
  if (!found) return false;
  if (templates_ == Templates::keep) {
    has_templates_ = true;
    return false;
  }
  const Span span = here(count_characters(text_.substr(at_, found->bytes)));
  if (!found->missing.empty()) throw missing_variable(found->missing).at(location_of(span));
  if (!found->base_path.empty()) {
    throw failure("{{ _base_... }} is inside a string; it can only be a whole value", span)
        .help("remove the quotes");
  }
  out += found->text;
  advance(found->bytes);
  return true;
}

// A backslash of a raw string keeps the next character; double braces of an f-string are one brace.
void Lexer::copy_plain(std::string& out, bool format) {
  const bool brace = format && (peek() == '{' || peek() == '}');
  const bool escaped = peek() == '\\' && at_ + 1 < text_.size();
  out += peek();
  advance();
  if (escaped) out += peek();
  if (escaped || brace) advance();
}

void Lexer::read_escape(std::string& out) {
  const Span start = here(2);
  advance();
  const char c = peek();
  if (const char plain = simple_escape(c)) {
    out += plain;
    advance();
  } else if (c == '\n') {
    advance();
  } else if (c >= '0' && c <= '7') {
    read_octal(out);
  } else if (c == 'x' || c == 'u' || c == 'U') {
    advance();
    read_code_point(out, c == 'x' ? 2 : c == 'u' ? 4 : 8);
  } else if (c == 'N') {
    throw failure("pinfeed does not read '\\N' escapes", start)
        .help("write the character itself, or \\u and its 4 hexadecimal digits");
  } else {
    out += '\\';  // Python keeps an unknown escape
  }
}

void Lexer::read_octal(std::string& out) {
  std::uint32_t code = 0;
  for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i, advance()) {
    code = code * 8 + static_cast<std::uint32_t>(peek() - '0');
  }
  append_utf8(out, code);
}

void Lexer::read_code_point(std::string& out, int digits) {
  Span start = here(digits + 2);
  start.column -= 2;
  std::uint32_t code = 0;
  for (int i = 0; i < digits; ++i, advance()) {
    const int digit = hex_digit(peek());
    if (digit < 0) {
      throw failure(fmt::format("the escape needs {} hexadecimal digits", digits), start)
          .help("\\x takes 2 digits, \\u 4, \\U 8");
    }
    code = code * 16 + static_cast<std::uint32_t>(digit);
  }
  const bool surrogate = code >= 0xD800 && code < 0xE000;
  if (surrogate || code > 0x10FFFF) {
    throw failure(fmt::format("U+{:04X} is not a character", code), start)
        .help("valid characters are U+0000 to U+10FFFF without U+D800 to U+DFFF");
  }
  append_utf8(out, code);
}

// Between the braces of an f-string: the expression, which the parser reads.
FormatPart Lexer::replacement(char quote) {
  const Span start = here();
  if (peek() == '}') throw failure("a single '}' in an f-string; write '}}'", start);
  advance();
  FormatPart part{.expression = true, .span = here()};
  const std::size_t from = at_;
  int depth = 0;
  while (!(depth == 0 && peek() == '}')) {
    const char c = peek();
    if (ended() || c == '\n' || c == quote || c == '\\' || c == '{') {
      throw failure("pinfeed reads names, numbers and subscripts in the braces of an f-string",
                    start)
          .help("assign the value to a name first and use that name");
    }
    if (c == '!' || (c == ':' && depth == 0)) {
      throw failure("pinfeed does not read conversions and formats in f-strings", here())
          .help("write the formatted text itself");
    }
    if (c == '(' || c == '[') ++depth;
    if (c == ')' || c == ']') --depth;
    advance();
  }
  part.text = text_.substr(from, at_ - from);
  advance();
  return part;
}

}  // namespace pinfeed::python
