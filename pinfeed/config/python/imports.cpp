// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.7.
#include "pinfeed/config/python/imports.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "pinfeed/config/python/expressions.h"

namespace pinfeed::python {
namespace {

constexpr std::array<std::string_view, 44> standard_modules = {"__future__",
                                                               "abc",
                                                               "argparse",
                                                               "ast",
                                                               "base64",
                                                               "bisect",
                                                               "builtins",
                                                               "collections",
                                                               "contextlib",
                                                               "copy",
                                                               "csv",
                                                               "ctypes",
                                                               "dataclasses",
                                                               "datetime",
                                                               "decimal",
                                                               "enum",
                                                               "fractions",
                                                               "functools",
                                                               "glob",
                                                               "hashlib",
                                                               "heapq",
                                                               "importlib",
                                                               "inspect",
                                                               "io",
                                                               "itertools",
                                                               "json",
                                                               "logging",
                                                               "math",
                                                               "multiprocessing",
                                                               "numbers",
                                                               "operator",
                                                               "os",
                                                               "pathlib",
                                                               "pickle",
                                                               "platform",
                                                               "random",
                                                               "re",
                                                               "shutil",
                                                               "socket",
                                                               "string",
                                                               "subprocess",
                                                               "sys",
                                                               "time",
                                                               "typing"};

std::string_view top_of(std::string_view module) { return module.substr(0, module.find('.')); }

Token take_name(Cursor& cursor) {
  if (!cursor.at(TokenKind::name) || is_keyword(cursor.peek().text)) throw cursor.unexpected();
  return cursor.take();
}

// a.b.c
std::string take_dotted(Cursor& cursor) {
  std::string module(take_name(cursor).text);
  while (cursor.skip(".")) module.append(".").append(take_name(cursor).text);
  return module;
}

ImportedName take_imported(Cursor& cursor) {
  const Token name = take_name(cursor);
  const bool renamed = cursor.at_name("as");
  if (renamed) cursor.take();
  const std::string_view as = renamed ? take_name(cursor).text : name.text;
  return {std::string(name.text), std::string(as), name.span};
}

std::vector<ImportedName> take_names(Cursor& cursor) {
  if (cursor.at("*")) return {{"*", "*", cursor.take().span}};
  const bool bracket = cursor.skip("(");
  std::vector<ImportedName> names = {take_imported(cursor)};
  while (cursor.skip(",")) {
    if (bracket && cursor.at(")")) break;
    names.push_back(take_imported(cursor));
  }
  if (bracket) cursor.expect(")");
  return names;
}

void check_block(Cursor& cursor) {
  if (cursor.at_name("from")) return;
  throw cursor.failure("'with read_base()' takes only 'from ... import ...'", cursor.peek().span)
      .help("move other statements below the block, without indentation");
}

FromImport take_base_import(Cursor& cursor) {
  check_block(cursor);
  FromImport import = read_from_import(cursor);
  import.of_base = true;
  return import;
}

void end_line(Cursor& cursor) {
  if (!cursor.at(TokenKind::newline)) throw cursor.unexpected();
  cursor.take();
}

bool is_foreign(const std::string& module) {
  return !is_standard(module) && module != "mmengine.config";
}

bool is_base_assignment(const Statement& statement) {
  const auto* assignment = std::get_if<Assignment>(&statement.what);
  if (assignment == nullptr) return false;
  const auto* use = std::get_if<NameUse>(&assignment->targets.front()->what);
  return use != nullptr && use->name == "_base_";
}

}  // namespace

Import read_import(Cursor& cursor) {
  cursor.take();
  Import import{.span = cursor.peek().span};
  import.module = take_dotted(cursor);
  import.span = cursor.span_from(import.span);
  if (cursor.at(",")) {
    throw cursor.failure("pinfeed reads one import per line", cursor.peek().span)
        .help("write them on lines of their own");
  }
  import.name = std::string(top_of(import.module));
  if (!cursor.at_name("as")) return import;
  cursor.take();
  import.named = true;
  import.name = take_name(cursor).text;
  return import;
}

FromImport read_from_import(Cursor& cursor) {
  cursor.take();
  FromImport import{.span = cursor.peek().span};
  for (; cursor.at(".") || cursor.at("..."); cursor.take()) import.dots += cursor.at(".") ? 1 : 3;
  if (import.dots > 0 && cursor.at_name("import")) {
    throw cursor.failure("a module is missing between the dots and import", import.span)
        .help("write from .module import name");
  }
  import.module = take_dotted(cursor);
  import.span = cursor.span_from(import.span);
  if (!cursor.at_name("import")) throw cursor.unexpected();
  cursor.take();
  import.names = take_names(cursor);
  return import;
}

std::vector<FromImport> read_base_block(Cursor& cursor) {
  const Span start = cursor.take().span;
  if (!cursor.at_name("read_base")) {
    throw cursor.failure("pinfeed reads no 'with' except 'with read_base():'", start)
        .help("use 'with read_base():' for bases and NAME = VALUE for everything else");
  }
  cursor.take();
  for (const char* sign : {"(", ")", ":"}) cursor.expect(sign);
  if (!cursor.at(TokenKind::newline)) {
    const FromImport only = take_base_import(cursor);
    end_line(cursor);
    return {only};
  }
  cursor.take();
  std::vector<FromImport> imports;
  while (cursor.peek().indented) {
    imports.push_back(take_base_import(cursor));
    end_line(cursor);
  }
  if (imports.empty()) {
    throw cursor.failure("'with read_base():' needs indented imports below it", start)
        .help("write an indented 'from .base import *' below it");
  }
  return imports;
}

bool is_standard(std::string_view module) {
  const auto* found = std::find(standard_modules.begin(), standard_modules.end(), top_of(module));
  return found != standard_modules.end();
}

bool is_lazy(const std::vector<Statement>& statements) {
  for (const Statement& statement : statements) {
    if (is_base_assignment(statement)) return false;
    if (const auto* import = std::get_if<Import>(&statement.what)) {
      if (is_foreign(import->module)) return true;
    } else if (const auto* from = std::get_if<FromImport>(&statement.what)) {
      if (from->of_base || from->dots > 0 || is_foreign(from->module)) return true;
    }
  }
  return false;
}

}  // namespace pinfeed::python
