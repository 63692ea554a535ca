// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.2 and 4.3.
#include "pinfeed/config/read_python.h"

#include <algorithm>

#include "pinfeed/config/convert.h"
#include "pinfeed/config/python/evaluator.h"
#include "pinfeed/config/python/imports.h"
#include "pinfeed/config/python/parser.h"

namespace pinfeed {
namespace {

const python::Assignment* base_assignment(const python::Statement& statement) {
  const auto* assignment = std::get_if<python::Assignment>(&statement.what);
  if (assignment == nullptr || assignment->augmented) return nullptr;
  const auto* use = std::get_if<python::NameUse>(&assignment->targets.front()->what);
  return use != nullptr && use->name == "_base_" ? assignment : nullptr;
}

void refuse_annotation(const python::Assignment& assignment, const python::Span& span,
                       const std::shared_ptr<const SourceText>& source) {
  if (!assignment.annotated) return;
  throw Error(ErrorKind::config, "_base_ takes no annotation")
      .at({source, span.line, span.column, span.length})
      .help("write _base_ = [...]");
}

// Only the first assignment counts; its value cannot use other names.
std::vector<BasePath> bases_of(const PythonText& text) {
  for (const python::Statement& statement : text.tree.statements) {
    const python::Assignment* assignment = base_assignment(statement);
    if (assignment == nullptr) continue;
    refuse_annotation(*assignment, statement.span, text.source);
    python::Heap heap;
    python::Evaluator alone(text.source, heap, python::Ref(nullptr));
    return base_paths(python::to_value(*alone.value_of(*assignment->value)));
  }
  return {};
}

// Names that start with "__", modules and functions are not part of the config.
bool is_exported(const python::DictObject::Entry& entry) {
  const python::Object& value = *entry.value;
  return !entry.key.text.starts_with("__") && entry.key.text != "_base_" &&
         value.as<python::ModuleObject>() == nullptr &&
         value.as<python::FunctionObject>() == nullptr;
}

python::DictObject exported_names(const python::Evaluator& evaluator) {
  python::DictObject all;
  for (const auto& entry : evaluator.names().entries()) {
    if (is_exported(entry)) all.set(entry.key, entry.value, entry.span);
  }
  return all;
}

// A config of the new style also hands on what it imported: a config that imports it as a whole
// may use these names.
python::DictObject handed_on_names(const python::Evaluator& evaluator, python::Heap& heap) {
  python::DictObject all;
  for (const auto& entry : evaluator.names().entries()) {
    python::Ref value = entry.value;
    if (const auto* module = value->as<python::ModuleObject>()) {
      value = heap.make(python::LazyObject{module->name}, value->span);
    } else if (const auto* function = value->as<python::FunctionObject>()) {
      if (!function->name.starts_with("copy.")) continue;
      value = heap.make(python::LazyObject{std::string(function->name)}, value->span);
    }
    if (is_exported({entry.key, value, entry.span})) all.set(entry.key, value, entry.span);
  }
  return all;
}

}  // namespace

std::vector<BasePath> base_paths(const Value& value) {
  if (value.is_string()) return {{value.string(), value.span()}};
  if (!value.is_list()) throw wrong_type(value, "_base_", "str or list of str");
  std::vector<BasePath> names;
  for (const Value& item : value.items()) {
    if (!item.is_string()) throw wrong_type(item, "_base_", "str or list of str");
    names.push_back({item.string(), item.span()});
  }
  return names;
}

PythonText read_python(const std::shared_ptr<const SourceText>& source,
                       python::Templates templates) {
  PythonText text{.source = source, .tree = python::parse(source, python::Templates::keep)};
  text.lazy = python::is_lazy(text.tree.statements);
  if (!text.lazy && text.tree.has_templates) text.tree = python::parse(source, templates);
  if (!text.lazy) text.bases = bases_of(text);
  return text;
}

Dict evaluated_lazily(const PythonText& text, const python::ReadBase& read_base,
                      std::set<std::string>& imported) {
  python::Heap heap;
  python::Evaluator evaluator(text.source, heap, read_base);
  for (const python::Statement& statement : text.tree.statements) evaluator.run(statement);
  imported.insert(evaluator.imported_names().begin(), evaluator.imported_names().end());
  return python::to_value(*heap.make(handed_on_names(evaluator, heap), {})).dict();
}

void drop_imported_names(Dict& root, const std::set<std::string>& imported) {
  std::erase_if(root.entries(), [&](const Dict::Entry& entry) {
    return entry.value.dotted_name() != nullptr && imported.contains(entry.key.text);
  });
}

Evaluated evaluated(const PythonText& text, Dict base) {
  python::Heap heap;
  const python::Ref base_object = python::to_object(heap, Value(std::move(base)));
  python::Evaluator evaluator(text.source, heap, base_object);
  for (const python::Statement& statement : text.tree.statements) {
    if (base_assignment(statement) == nullptr) evaluator.run(statement);
  }
  Evaluated result;
  result.own = python::to_value(*heap.make(exported_names(evaluator), {}), base_object).dict();
  result.base = python::to_value(*base_object, base_object).dict();
  return result;
}

}  // namespace pinfeed
