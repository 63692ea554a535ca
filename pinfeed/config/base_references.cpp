// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.1.
#include "pinfeed/config/base_references.h"

#include <fmt/format.h>

#include "pinfeed/config/python/template.h"
#include "pinfeed/config/source.h"

namespace pinfeed {
namespace {

const Value* found_in(const Dict& base, std::string_view path) {
  const Dict* dict = &base;
  while (true) {
    const Value* value = dict->find(path.substr(0, path.find('.')));
    if (value == nullptr || path.find('.') == std::string_view::npos) return value;
    if (!value->is_dict()) return nullptr;
    dict = &value->dict();
    path.remove_prefix(path.find('.') + 1);
  }
}

void resolve(Value& value, const Dict& base) {
  if (value.is_sequence()) {
    for (Value& item : value.items()) resolve(item, base);
  } else if (value.is_dict()) {
    for (Dict::Entry& entry : value.dict().entries()) resolve(entry.value, base);
  } else if (value.is_string()) {
    const auto reference = python::template_at(value.string(), "");
    if (!reference || reference->base_path.empty()) return;
    if (reference->bytes != value.string().size()) return;
    const Value* found = found_in(base, reference->base_path);
    if (found == nullptr) {
      throw python::missing_base_value(reference->base_path).at(value.span());
    }
    value = *found;
  }
}

}  // namespace

std::shared_ptr<const SourceText> quoted_references(
    const std::shared_ptr<const SourceText>& source) {
  if (source->text.find("{{") == std::string::npos) return source;
  std::string text;
  for (std::string_view rest = source->text; !rest.empty();) {
    const auto reference = python::template_at(rest, source->name);
    const bool quoted = reference && !reference->base_path.empty();
    const std::size_t bytes = quoted ? reference->bytes : 1;
    text += quoted ? fmt::format("\"{}\"", rest.substr(0, bytes)) : std::string(rest.substr(0, 1));
    rest.remove_prefix(bytes);
  }
  return make_source(std::move(text), source->name);
}

void resolve_references(Dict& own, const Dict& base) {
  for (Dict::Entry& entry : own.entries()) resolve(entry.value, base);
}

}  // namespace pinfeed
