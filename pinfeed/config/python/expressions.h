// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>

#include "pinfeed/config/python/cursor.h"
#include "pinfeed/config/python/tree.h"

namespace pinfeed::python {

/// True for the words that no name may be: "for", "None"...
bool is_keyword(std::string_view word);

/// Reads expressions by descent; `deepest` bounds it.
class ExpressionParser {
 public:
  ExpressionParser(std::shared_ptr<const SourceText> source, Cursor& cursor, int depth = 0)
      : source_(std::move(source)), cursor_(cursor), depth_(depth) {}

  /// One expression, with nothing behind it that would make it another kind of expression.
  NodePtr expression();
  /// "a, b" too: a tuple without parentheses. `*a` is allowed in it.
  NodePtr expression_list();

 private:
  NodePtr chain(std::size_t level);
  NodePtr unary();
  NodePtr power();
  NodePtr access();
  NodePtr atom();
  NodePtr name();
  NodePtr literal();
  NodePtr strings();
  NodePtr reference();
  NodePtr parenthesis();
  NodePtr list();
  NodePtr braces();
  NodePtr comprehension(NodePtr key, NodePtr element, std::string_view closer, Span start);
  Clause clause();
  NodePtr targets();
  Item item();
  void items(Sequence& sequence, std::string_view closer);
  Pair pair();
  Step subscript();
  NodePtr slice_part();
  Call call();
  Argument argument();
  void refuse_what_follows();
  Error generator_refusal();
  template <class T>
  NodePtr made(T what, const Span& start) {
    return std::make_unique<Node>(Node{cursor_.span_from(start), std::move(what)});
  }

  std::shared_ptr<const SourceText> source_;
  Cursor& cursor_;
  int depth_ = 0;
};

}  // namespace pinfeed::python
