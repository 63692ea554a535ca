// SPDX-License-Identifier: Apache-2.0
// Imports. In the new style they define the names of bases, and names of other packages, which are
// not opened. Source of the rules: docs/specs/openmmlab-runtime.md, 4.7.
#include <fmt/format.h>

#include "pinfeed/config/python/evaluator.h"
#include "pinfeed/config/python/functions.h"
#include "pinfeed/config/python/imports.h"

namespace pinfeed::python {

void Evaluator::refuse_import(const std::string& module, const Span& span) const {
  if (read_base_ && !is_standard(module)) return;
  throw failure(fmt::format("pinfeed does not import '{}': configs are read, never run", module),
                span)
      .help("only 'import copy' is read; write the type of a part as text: type='Resize'");
}

void Evaluator::run_import(const Import& import) {
  const Location span = location_of(import.span);
  if (import.module == "copy") {
    names_.set(Key{import.name}, heap_.make(ModuleObject{import.module}, span), span);
    imported_.insert(import.name);
    return;
  }
  refuse_import(import.module, import.span);
  imported_.insert(import.name);
  const LazyObject lazy = {import.named ? import.module : import.name};
  names_.set(Key{import.name}, heap_.make(lazy, span), span);
}

void Evaluator::run_import(const FromImport& import) {
  if (import.of_base) {
    import_base(import);
    return;
  }
  for (const ImportedName& name : import.names) {
    if (import.module == "mmengine.config" && name.name == "read_base") continue;
    const Location span = location_of(name.span);
    names_.set(Key{name.as}, heap_.make(imported_name(import, name), span), span);
    imported_.insert(name.as);
  }
}

Data Evaluator::imported_name(const FromImport& import, const ImportedName& name) const {
  if (import.dots > 0) {
    throw failure("a relative import is only read inside 'with read_base():'", import.span)
        .help("move it into the block of 'with read_base():'");
  }
  if (name.name == "*") {
    throw failure(fmt::format("'*' of {}: only bases are imported as a whole", import.module),
                  name.span)
        .help("name what is imported, or put the import inside 'with read_base():'");
  }
  if (import.module == "copy") {
    if (const auto function = copy_function(name.name)) return FunctionObject{*function};
  }
  refuse_import(import.module, import.span);
  return LazyObject{import.module + "." + name.name};
}

// A base hands on the module copy and its functions as dotted names.
void Evaluator::take_from_base(const std::string& name, const DictObject::Entry& entry) {
  constexpr std::string_view copy = "copy.";
  Ref value = entry.value;
  if (const auto* lazy = value->as<LazyObject>()) {
    if (lazy->name == "copy") value = heap_.make(ModuleObject{lazy->name}, value->span);
    if (lazy->name.starts_with(copy)) {
      const auto function = copy_function(std::string_view(lazy->name).substr(copy.size()));
      if (function) value = heap_.make(FunctionObject{*function}, value->span);
    }
  }
  names_.set(Key{name}, value, entry.span);
  if (value != entry.value) imported_.insert(name);
}

// Of two bases with one name the later wins.
void Evaluator::import_base(const FromImport& import) {
  const Ref base = to_object(heap_, Value(read_base_(import, location_of(import.span))));
  const DictObject& values = *base->as<DictObject>();
  for (const ImportedName& name : import.names) {
    if (name.name == "*") {
      for (const auto& entry : values.entries()) take_from_base(entry.key.text, entry);
      continue;
    }
    const auto* entry = values.entry(name.name);
    if (entry == nullptr) {
      const std::string near = nearest(name.name, values.names());
      throw failure(fmt::format("the base {} has no '{}'", import.module, name.name), name.span)
          .help(near.empty() ? "it has " + joined(values.names())
                             : fmt::format("did you mean '{}'?", near));
    }
    take_from_base(name.as, *entry);
  }
}

}  // namespace pinfeed::python
