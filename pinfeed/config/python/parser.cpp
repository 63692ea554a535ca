// SPDX-License-Identifier: Apache-2.0
// Source of the rules: the Python language reference, 7 and 8.
#include "pinfeed/config/python/parser.h"

#include <fmt/format.h>

#include <array>

#include "pinfeed/config/python/expressions.h"
#include "pinfeed/config/python/imports.h"

namespace pinfeed::python {
namespace {

constexpr std::array<std::string_view, 17> refused_statements = {
    "if",     "for",      "while", "def",   "class",    "try",   "assert", "return", "raise",
    "global", "nonlocal", "async", "break", "continue", "yield", "lambda", "await"};

constexpr std::array<std::pair<Punctuator, Operator>, 12> augmented = {{
    {"+=", Operator::add},
    {"-=", Operator::subtract},
    {"*=", Operator::multiply},
    {"/=", Operator::divide},
    {"//=", Operator::floor_divide},
    {"%=", Operator::modulo},
    {"**=", Operator::power},
    {"<<=", Operator::shift_left},
    {">>=", Operator::shift_right},
    {"&=", Operator::bit_and},
    {"|=", Operator::bit_or},
    {"^=", Operator::bit_xor},
}};

void check_target(const Node& node, const Cursor& cursor);

Error unassignable(const Node& node, const Cursor& cursor) {
  return cursor.failure("this cannot be assigned to", node.span)
      .help("assign to a name, an attribute or a subscript: a, a.b, a['b']");
}

void check_item(const Item& item, const Cursor& cursor) {
  if (item.starred) {
    throw cursor.failure("pinfeed does not read starred targets", item.value->span)
        .help("write one name for each value");
  }
  check_target(*item.value, cursor);
}

void check_target(const Node& node, const Cursor& cursor) {
  if (std::holds_alternative<NameUse>(node.what)) return;
  if (const auto* sequence = std::get_if<Sequence>(&node.what)) {
    for (const Item& item : sequence->items) check_item(item, cursor);
    if (!sequence->items.empty()) return;
  }
  if (const auto* access = std::get_if<Access>(&node.what)) {
    const auto& last = access->steps.back().what;
    if (std::holds_alternative<Slice>(last)) {
      throw cursor.failure("pinfeed does not assign to slices", node.span)
          .help("assign to each item separately");
    }
    if (!std::holds_alternative<Call>(last)) return;
  }
  throw unassignable(node, cursor);
}

class StatementParser {
 public:
  StatementParser(const std::shared_ptr<const SourceText>& source, Arena& arena,
                  Templates templates)
      : cursor_(Lexer(source, arena, templates)), expressions_(source, arena, cursor_) {}

  void read(SyntaxTree& tree) {
    while (!cursor_.at(TokenKind::end)) line(tree.statements);
    tree.has_templates = cursor_.has_templates();
  }

 private:
  void line(std::vector<Statement>& statements) {
    refuse_indent();
    if (cursor_.at_name("with")) {
      base_block(statements);
      return;
    }
    do {
      if (cursor_.at(TokenKind::newline)) break;
      one(statements);
    } while (cursor_.skip(";"));
    if (!cursor_.at(TokenKind::newline)) throw cursor_.unexpected();
    cursor_.take();
  }

  void refuse_indent() {
    const Token& next = cursor_.peek();
    if (!next.indented) return;
    throw cursor_.failure("unexpected indent", {next.span.line, next.span.column, 1})
        .help("start the line in the column of the statement before it");
  }

  // OpenMMLab reads only one block, too.
  void base_block(std::vector<Statement>& statements) {
    const Span start = cursor_.peek().span;
    if (with_base_) {
      throw cursor_.failure("a config has only one 'with read_base():'", start)
          .help("write all imports of bases into one block");
    }
    with_base_ = true;
    for (FromImport& import : read_base_block(cursor_)) {
      Statement& added = statements.emplace_back();
      added.span = import.span;
      added.what = std::move(import);
    }
  }

  void one(std::vector<Statement>& statements) {
    const Span start = cursor_.peek().span;
    refuse_statement();
    if (cursor_.at_name("pass")) {
      cursor_.take();
    } else {
      Statement& added = statements.emplace_back();
      added.span = start;
      fill(added);
    }
  }

  void fill(Statement& statement) {
    if (cursor_.at_name("import")) {
      statement.what = read_import(cursor_);
    } else if (cursor_.at_name("from")) {
      statement.what = read_from_import(cursor_);
    } else if (cursor_.at_name("del")) {
      statement.what = deletion();
    } else {
      fill_assignment(statement);
    }
  }

  void refuse_statement() {
    const Token& next = cursor_.peek();
    if (cursor_.at("@")) {
      throw cursor_.failure("pinfeed does not read decorators", next.span)
          .help("a config only assigns values to names");
    }
    if (next.kind != TokenKind::name) return;
    for (const std::string_view word : refused_statements) {
      if (next.text != word) continue;
      throw cursor_.failure(fmt::format("pinfeed does not read '{}' statements", word), next.span)
          .help("a config is read, never run: write the values themselves");
    }
  }

  Deletion deletion() {
    cursor_.take();
    Deletion all;
    do {
      all.targets.push_back(expressions_.expression());
      check_target(*all.targets.back(), cursor_);
      if (!std::holds_alternative<Sequence>(all.targets.back()->what)) continue;
      throw cursor_.failure("pinfeed deletes names, keys and items", all.targets.back()->span);
    } while (cursor_.skip(","));
    return all;
  }

  void fill_assignment(Statement& statement) {
    const NodePtr first = expressions_.expression_list();
    if (cursor_.at("=")) {
      statement.what = plain(first);
      return;
    }
    if (cursor_.at(":")) {
      statement.what = annotated(first);
      return;
    }
    for (const auto& [sign, op] : augmented) {
      if (!cursor_.at(sign)) continue;
      statement.what = in_place(first, op);
      return;
    }
    statement.what = first;
  }

  Assignment plain(NodePtr first) {
    Assignment assignment;
    NodePtr last = first;
    while (cursor_.skip("=")) {
      check_target(*last, cursor_);
      assignment.targets.push_back(last);
      last = expressions_.expression_list();
    }
    assignment.value = last;
    return assignment;
  }

  // The annotation is read and dropped.
  Assignment annotated(NodePtr first) {
    check_target(*first, cursor_);
    Assignment assignment{.annotated = true};
    assignment.targets.push_back(first);
    cursor_.take();
    expressions_.expression();
    if (cursor_.skip("=")) assignment.value = expressions_.expression_list();
    return assignment;
  }

  Assignment in_place(NodePtr first, Operator op) {
    check_target(*first, cursor_);
    if (std::holds_alternative<Sequence>(first->what)) {
      throw unassignable(*first, cursor_);
    }
    Assignment assignment{.augmented = op};
    assignment.targets.push_back(first);
    cursor_.take();
    assignment.value = expressions_.expression_list();
    return assignment;
  }

  Cursor cursor_;
  ExpressionParser expressions_;
  bool with_base_ = false;
};

}  // namespace

SyntaxTree parse(const std::shared_ptr<const SourceText>& source, Templates templates) {
  SyntaxTree tree{.arena = std::make_unique<Arena>()};
  StatementParser(source, *tree.arena, templates).read(tree);
  return tree;
}

NodePtr parse_replacement(const std::shared_ptr<const SourceText>& source, Arena& arena,
                          const FormatPart& part, int depth) {
  Cursor cursor(Lexer(source, arena, part.text, part.span));
  const NodePtr node = ExpressionParser(source, arena, cursor, depth).expression();
  if (!cursor.at(TokenKind::end)) throw cursor.unexpected();
  return node;
}

}  // namespace pinfeed::python
