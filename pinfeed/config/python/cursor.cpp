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
    default: return fmt::format("'{}'", token.text);
  }
}

}  // namespace

bool Cursor::skip(Punctuator punctuator) {
  if (!at(punctuator)) return false;
  take();
  return true;
}

void Cursor::expect(Punctuator punctuator) {
  if (skip(punctuator)) return;
  throw failure(fmt::format("expected '{}', not {}", punctuator.text(), described(peek())),
                peek().span);
}

Span Cursor::span_from(const Span& start) const {
  if (last_.line != start.line) return start;
  return {start.line, start.column, last_.column + last_.length - start.column};
}

Error Cursor::not_read(std::string_view construct, Span span) const {
  return failure(fmt::format("pinfeed does not read {}", construct), span)
      .help("write the resulting value; docs/config.md lists what pinfeed reads");
}

Error Cursor::unexpected() {
  return failure("unexpected " + described(peek()), peek().span).help(statement_help);
}

}  // namespace pinfeed::python
