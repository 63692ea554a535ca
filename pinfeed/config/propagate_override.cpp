// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/propagate_override.h"

#include <string>
#include <vector>

#include "pinfeed/config/convert.h"

namespace pinfeed {
namespace {

void replace_prefix(Value& value, const std::string& before, const std::string& after) {
  if (value.is_string() && value.string().starts_with(before)) {
    const SourceSpan span = value.span();
    value = Value(after + value.string().substr(before.size()));
    value.set_span(span);
  } else if (value.is_sequence()) {
    for (Value& item : value.items()) replace_prefix(item, before, after);
  } else if (value.is_dict()) {
    for (Dict::Entry& entry : value.dict().entries()) replace_prefix(entry.value, before, after);
  }
}

}  // namespace

std::vector<std::string> propagated_names(const Value& root) {
  const Value* own = root.find("pinfeed");
  const Value* names = own == nullptr ? nullptr : own->find("follow");
  if (names == nullptr) return {};
  return convert<std::vector<std::string>>(*names, "pinfeed.follow");
}

bool has_propagated_names(const Value& root) { return !propagated_names(root).empty(); }

void propagate_overrides(Value& root, const Value& before) {
  for (const std::string& name : propagated_names(root)) {
    const Value* old_text = before.find(name);
    const Value* new_text = root.find(name);
    if (old_text == nullptr || new_text == nullptr) continue;
    const auto from = convert<std::string>(*old_text, name);
    const auto to = convert<std::string>(*new_text, name);
    if (from.empty() || from == to) continue;
    for (Dict::Entry& entry : root.dict().entries()) {
      if (entry.key.text != name) replace_prefix(entry.value, from, to);
    }
  }
}

}  // namespace pinfeed
