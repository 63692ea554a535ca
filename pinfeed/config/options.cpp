// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.5.
#include "pinfeed/config/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "pinfeed/config/option_value.h"
#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/source.h"
#include "pinfeed/config/value/merge.h"

namespace pinfeed {
namespace {

struct Step {
  std::string name;
  SourceSpan span;
};

SourceSpan span_in(const std::shared_ptr<const SourceText>& source, std::size_t from,
                   std::size_t size) {
  const std::string_view text = source->text;
  return {source, 1, python::count_characters(text.substr(0, from)) + 1,
          std::max(1, python::count_characters(text.substr(from, size)))};
}

std::vector<Step> steps_of(const std::shared_ptr<const SourceText>& source, std::size_t equals) {
  std::vector<Step> steps;
  for (std::size_t from = 0; from <= equals;) {
    const std::size_t end = std::min(source->text.find('.', from), equals);
    const std::string name = source->text.substr(from, end - from);
    if (name.empty()) {
      throw Error(ErrorKind::config, fmt::format("the key of '{}' has an empty step", source->text))
          .at(span_in(source, from, 1));
    }
    steps.push_back({name, span_in(source, from, end - from)});
    from = end + 1;
  }
  return steps;
}

// "a.b=1" becomes {a: {b: 1}} inside `tree`.
void add_option(Dict& tree, const std::string& option) {
  const auto source = make_source(option, "--cfg-options");
  const std::size_t equals = source->text.find('=');
  if (equals == std::string::npos) {
    throw Error(ErrorKind::config, fmt::format("--cfg-options needs key=value, not '{}'", option))
        .at(span_in(source, 0, option.size()));
  }
  const std::vector<Step> steps = steps_of(source, equals);
  Dict* dict = &tree;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    Value* next = dict->find(steps[i].name);
    if (next == nullptr) {
      next = &dict->set(steps[i].name, Value(Dict{}).set_span(steps[i].span), steps[i].span);
    }
    if (!next->is_dict()) {
      throw Error(ErrorKind::config,
                  fmt::format("another option sets '{}' to {}", steps[i].name, repr(*next)))
          .at(steps[i].span);
    }
    dict = &next->dict();
  }
  const SourceSpan value_span = span_in(source, equals + 1, option.size() - equals - 1);
  dict->set(steps.back().name, option_value(source->text.substr(equals + 1), value_span),
            steps.back().span);
}

std::optional<std::size_t> list_index(const std::string& text) {
  if (text.empty() || !std::all_of(text.begin(), text.end(), python::is_digit)) return std::nullopt;
  std::size_t index = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), index);
  return result.ec == std::errc() ? index : SIZE_MAX;
}

Error failure(const std::string& text, const Dict::Entry& entry, const std::string& path) {
  return Error(ErrorKind::config, text).at(entry.span).inside(path);
}

// Receives the replaced values; may be null.
using History = std::vector<Override>*;

// Merges a dictionary of options. The `_delete_` of a dictionary that is merged into one of the
// same name is no key of the result; that of an item of a list is, as it is upstream.
void merge_into(Value& base, const Dict& child, const std::string& path, History history);
void merge_named(Value& base, Dict child, const std::string& path, History history) {
  child.erase("_delete_");
  merge_into(base, child, path, history);
}

void merge_into_list(std::vector<Value>& items, const Dict::Entry& entry, const std::string& path,
                     History history) {
  const auto index = list_index(entry.key.text);
  if (!index)
    throw failure(fmt::format("a list has no key '{}'; write an index", entry.key.text), entry,
                  path);
  if (*index >= items.size()) {
    throw failure(fmt::format("index {} is out of range; the list has {} items", entry.key.text,
                              items.size()),
                  entry, path);
  }
  Value& item = items[*index];
  if (!entry.value.is_dict() || !(item.is_dict() || item.is_list())) {
    throw failure(fmt::format("item {} cannot be replaced alone", entry.key.text), entry, path)
        .help("set a key of it (list.0.key=value), or the whole list (list=[...])");
  }
  merge_into(item, entry.value.dict(), path, history);
}

void merge_into_dict(Dict& base, const Dict::Entry& entry, const std::string& path,
                     History history) {
  Value* known = base.find(entry.key.text);
  if (known == nullptr || !entry.value.is_dict()) {
    if (known != nullptr && history != nullptr) history->push_back({path, *known});
    base.set(entry.key, entry.value, entry.span);
    return;
  }
  const Value* delete_key = entry.value.find("_delete_");
  if (delete_key != nullptr && is_true(*delete_key)) *known = Dict{};
  if (!known->is_dict() && !known->is_list()) {
    const std::string what = known->is_none() ? "None" : known->kind_name() + " " + repr(*known);
    throw failure(fmt::format("'{}' is {} and has no keys to set", entry.key.text, what), entry,
                  path);
  }
  merge_named(*known, entry.value.dict(), path, history);
}

void merge_into(Value& base, const Dict& child, const std::string& path, History history) {
  for (const Dict::Entry& entry : child.entries()) {
    const std::string inner = path.empty() ? entry.key.text : path + "." + entry.key.text;
    if (base.is_list()) {
      merge_into_list(base.items(), entry, inner, history);
    } else {
      merge_into_dict(base.dict(), entry, inner, history);
    }
  }
}

void apply(Dict& root, const std::vector<std::string>& options, History history) {
  Dict tree;
  for (const std::string& option : options) add_option(tree, option);
  Value whole = std::move(root);
  merge_into(whole, tree, "", history);
  root = std::move(whole.dict());
}

}  // namespace

void apply_options(Dict& root, const std::vector<std::string>& options) {
  apply(root, options, nullptr);
}

void apply_options(Dict& root, const std::vector<std::string>& options,
                   std::vector<Override>& history) {
  apply(root, options, &history);
}

}  // namespace pinfeed
