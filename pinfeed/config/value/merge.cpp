// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-runtime.md, 4.4.
//
// Merging a config into its base. Two dictionaries are merged key by key; every other value of the
// child replaces that of the base, lists included. `_delete_=True` in a dictionary of the child
// replaces the dictionary of the base instead of merging. A dictionary over a value of another type
// is an error, because OpenMMLab would raise one, too.
//
// The result has the keys of the base in their order, then the new keys of the child. Each value
// has the span of the file that it comes from, which is how errors and --explain can name the line.
// For one dictionary the keys of the base are put into a hash table first, so a merge takes linear
// time.
#include "pinfeed/config/value/merge.h"

#include <fmt/format.h>

#include <unordered_map>

namespace pinfeed {
namespace {

constexpr const char* delete_key = "_delete_";

bool replaces(const Dict& child) {
  const Value* flag = child.find(delete_key);
  return flag != nullptr && is_true(*flag);
}

Error mismatch(const Dict::Entry& child, const Value& base, const std::string& path) {
  const std::string where = span_text(base.span());
  const std::string what = base.is_none() ? "None" : base.kind_name() + " " + repr(base);
  return Error(ErrorKind::config,
               fmt::format("'{}' is a dict here, and {} in the base{}", child.key.text, what,
                           where.empty() ? "" : " (" + where + ")"))
      .at(child.span)
      .inside(path)
      .help("_delete_=True in the dict replaces what the base has");
}

std::string joined_path(const std::string& path, const Key& key) {
  return path.empty() ? key.text : path + "." + key.text;
}

class Merger {
 public:
  explicit Merger(std::vector<Override>* history) : history_(history) {}

  void merge(Dict& base, Dict& child, const std::string& path) {
    std::unordered_map<std::string, std::size_t> index;
    for (const Dict::Entry& entry : base.entries()) index.emplace(name(entry.key), index.size());
    for (Dict::Entry& entry : child.entries()) {
      if (!path.empty() && entry.key == Key{delete_key}) continue;
      const auto [position, added] = index.try_emplace(name(entry.key), base.entries().size());
      if (added) {
        base.entries().push_back(std::move(entry));
      } else {
        merge_entry(base.entries()[position->second], entry, joined_path(path, entry.key));
      }
    }
  }

 private:
  static std::string name(const Key& key) { return (key.integer ? "i" : "s") + key.text; }

  void merge_entry(Dict::Entry& base, Dict::Entry& child, const std::string& path) {
    const bool merges = child.value.is_dict() && !replaces(child.value.dict());
    if (!merges) {
      if (history_ != nullptr) history_->push_back({path, std::move(base.value)});
      if (child.value.is_dict()) child.value.dict().erase(delete_key);
      base = std::move(child);
      return;
    }
    if (!base.value.is_dict()) throw mismatch(child, base.value, path);
    merge(base.value.dict(), child.value.dict(), path);
    base.value.set_span(child.value.span());
    base.span = std::move(child.span);
  }

  std::vector<Override>* history_;  // may be null
};

Dict merge_with_history(Dict base, Dict child, std::vector<Override>* history) {
  Merger(history).merge(base, child, "");
  return base;
}

}  // namespace

Dict merged(Dict base, Dict child) {
  return merge_with_history(std::move(base), std::move(child), nullptr);
}

Dict merged(Dict base, Dict child, std::vector<Override>& history) {
  return merge_with_history(std::move(base), std::move(child), &history);
}

void strip_delete_keys(Value& value) {
  if (value.is_sequence()) {
    for (Value& item : value.items()) strip_delete_keys(item);
  }
  if (!value.is_dict()) return;
  value.dict().erase(delete_key);
  for (Dict::Entry& entry : value.dict().entries()) strip_delete_keys(entry.value);
}

std::string span_text(const SourceSpan& span) {
  if (!span.known()) return "";
  return fmt::format("{}:{}:{}", span.source->name, span.line, span.column);
}

bool is_true(const Value& value) {
  if (value.is_none()) return false;
  if (value.is_bool()) return value.boolean();
  if (value.is_int()) return value.integer() != 0;
  if (value.is_float()) return value.real() != 0.0;
  if (value.is_string()) return !value.string().empty();
  if (value.is_sequence()) return !value.items().empty();
  return !value.is_dict() || !value.dict().empty();
}

}  // namespace pinfeed
