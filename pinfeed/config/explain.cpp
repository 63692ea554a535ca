// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "pinfeed/config/explain.h"
#include "pinfeed/config/finish.h"
#include "pinfeed/config/options.h"
#include "pinfeed/config/reader.h"
#include "pinfeed/config/value/merge.h"

namespace pinfeed {
namespace {

// "a.b[2].c" and "a.b.2.c" are the same steps.
std::vector<std::string> steps_of(const std::string& path) {
  std::vector<std::string> steps(1);
  for (const char c : path) {
    if (c == '.' || c == '[') {
      steps.emplace_back();
    } else if (c != ']') {
      steps.back() += c;
    }
  }
  return steps;
}

const Value* member(const Value& value, const std::string& step) {
  if (value.is_dict()) {
    const Value* named = value.find(step);
    return named != nullptr ? named : value.dict().find(Key{step, true});
  }
  std::size_t index = 0;
  const auto [stop, fault] = std::from_chars(step.data(), step.data() + step.size(), index);
  const bool whole = fault == std::errc() && stop == step.data() + step.size();
  if (!value.is_sequence() || !whole || index >= value.items().size()) return nullptr;
  return &value.items()[index];
}

const Value* find_value(const Value& root, const std::vector<std::string>& steps) {
  const Value* value = &root;
  for (const std::string& step : steps) {
    value = member(*value, step);
    if (value == nullptr) return nullptr;
  }
  return value;
}

[[noreturn]] void throw_missing(const Value& root, const std::vector<std::string>& steps) {
  const Value* value = &root;
  std::string parent = "the config";
  for (const std::string& step : steps) {
    const Value* next = member(*value, step);
    if (next == nullptr) {
      const std::vector<std::string> keys =
          value->is_dict() ? value->dict().keys() : std::vector<std::string>();
      const std::string near = nearest(step, keys);
      const std::string help = value->is_sequence()
                                   ? fmt::format("it has {} items", value->items().size())
                               : near.empty() ? "it has " + joined(keys)
                                              : fmt::format("did you mean '{}'?", near);
      throw Error(ErrorKind::config, fmt::format("{} has no '{}'", parent, step)).help(help);
    }
    value = next;
    parent = step;
  }
  throw Error(ErrorKind::bug, "the key is there");
}

std::string where(const Value& value) {
  const std::string span = span_text(value.span());
  return span.empty() ? "nowhere" : span;
}

std::string source_line(const Value& value) {
  if (!value.span().known()) return "";
  std::string line(line_of(value.span()));
  line.erase(0, std::min(line.find_first_not_of(' '), line.size()));
  return "\n    " + line;
}

bool begins(const std::vector<std::string>& steps, const std::vector<std::string>& start) {
  return start.size() <= steps.size() && std::equal(start.begin(), start.end(), steps.begin());
}

// The line about an override of the key, of a key inside it, or of a dict around it; empty for
// others.
std::string override_text(const Override& entry, const std::vector<std::string>& steps) {
  const std::vector<std::string> path = steps_of(entry.path);
  const Value* before = nullptr;
  if (begins(steps, path)) {
    const std::vector<std::string> rest(steps.begin() + std::ssize(path), steps.end());
    before = find_value(entry.before, rest);
  } else if (begins(path, steps)) {
    before = &entry.before;
  }
  if (before == nullptr) return "";
  const std::string name = path.size() > steps.size() ? entry.path + " = " : "";
  return fmt::format("\n  overrode {}{}, {}", name, repr(*before), where(*before)) +
         source_line(*before);
}

}  // namespace

std::string explain(const std::string& config, const ReadOptions& options, const std::string& key) {
  std::vector<std::string> warnings;
  std::vector<Override> history;
  Dict dict = Reader(options, warnings, &history).file(config);
  apply_options(dict, options.cfg_options, history);
  const Value root = finished(std::move(dict), warnings);
  const std::vector<std::string> steps = steps_of(key);
  const Value* value = find_value(root, steps);
  if (value == nullptr) throw_missing(root, steps);
  std::string text =
      fmt::format("{} = {}\n  set at {}", key, repr(*value), where(*value)) + source_line(*value);
  for (std::size_t i = history.size(); i-- > 0;) text += override_text(history[i], steps);
  return text;
}

}  // namespace pinfeed
