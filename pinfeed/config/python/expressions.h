// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <utility>

#include "pinfeed/config/python/cursor.h"
#include "pinfeed/config/python/syntax_tree.h"

namespace pinfeed::python {

/// Whether the word is reserved in Python: "for", "None"...
bool is_keyword(std::string_view word);

/// The error of a keyword argument that a call has twice, without a span.
Error repeated_key(std::string_view key);

/// A recursive descent parser of expressions; `max_depth` limits the recursion.
class ExpressionParser {
 public:
  ExpressionParser(std::shared_ptr<const SourceText> source, Arena& arena, Cursor& cursor,
                   int depth = 0)
      : source_(std::move(source)), arena_(arena), cursor_(cursor), depth_(depth) {}

  /// One expression. Throws Error(config) if a construct follows that pinfeed does not read.
  NodePtr expression();
  /// One expression, or a tuple without parentheses, "a, *b".
  NodePtr expression_list();

 private:
  NodePtr chain(int loosest);
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
  NodePtr comprehension(NodePtr key, NodePtr element, Punctuator closer, Span start);
  Clause clause();
  NodePtr targets();
  Item item();
  NodePtr sequence(Item first, Punctuator closer, Span start);
  Pair pair();
  Step subscript();
  NodePtr slice_part();
  Call call();
  Argument argument();
  void refuse_what_follows();
  Error generator_refusal();
  Error starred_refusal(Span span);
  template <class T>
  NodePtr make_node(T what, const Span& start) {
    return arena_.make<Node>(cursor_.span_from(start), what);
  }
  /// An empty list in the arena. A node may view it: the arena keeps its memory.
  template <class T>
  std::pmr::vector<T> new_list() {
    std::pmr::vector<T> parts(&arena_);
    parts.reserve(4);
    return parts;
  }

  std::shared_ptr<const SourceText> source_;
  Arena& arena_;
  Cursor& cursor_;
  int depth_ = 0;
};

}  // namespace pinfeed::python
