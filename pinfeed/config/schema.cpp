// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/schema.h"

#include <cmath>

#include "pinfeed/config/value/number_text.h"

namespace pinfeed {
namespace {

std::string bound_text(double number) {
  const bool whole = std::nearbyint(number) == number && std::fabs(number) < 1e15;
  return whole ? std::to_string(static_cast<std::int64_t>(number)) : python_text(number);
}

std::vector<std::string> usable_keys(const PartDoc& doc) {
  std::vector<std::string> names;
  for (const KeyDoc& key : doc.keys) {
    if (key.use != KeyUse::refused) names.push_back(key.name);
  }
  return names;
}

}  // namespace

void check_range(double number, const Range& range, const Value& value, const std::string& path) {
  if (number >= range.low && number <= range.high) return;
  std::string rule = "at least " + bound_text(range.low);
  if (std::isinf(range.low)) rule = "at most " + bound_text(range.high);
  if (!std::isinf(range.low) && !std::isinf(range.high)) {
    rule = "between " + bound_text(range.low) + " and " + bound_text(range.high);
  }
  throw Error(ErrorKind::config, last_step(path) + " is " + repr(value) + "; it must be " + rule)
      .at(value.span())
      .inside(path);
}

void throw_unknown_key(const PartDoc& doc, const Dict::Entry& entry, const std::string& path) {
  const std::vector<std::string> names = usable_keys(doc);
  const std::string near = nearest(entry.key.text, names);
  std::string help = near.empty() ? "" : "did you mean '" + near + "'? ";
  help += names.empty() ? doc.name + " takes no keys" : doc.name + " takes: " + joined(names);
  throw Error(ErrorKind::config, doc.name + " has no key '" + entry.key.text + "'")
      .at(entry.span)
      .inside(path)
      .help(help);
}

void throw_refused_key(const PartDoc& doc, const KeyDoc& key, const Dict::Entry& entry,
                       const std::string& path) {
  throw Error(ErrorKind::config, doc.name + " does not support '" + key.name + "': " + key.meaning)
      .at(entry.span)
      .inside(path);
}

void throw_missing_key(const PartDoc& doc, const KeyDoc& key, const Value& value,
                       const std::string& path) {
  throw Error(ErrorKind::config, doc.name + " needs the key '" + key.name + "'")
      .at(value.span())
      .inside(path)
      .help(key.name + ": " + key.type + ", " + key.meaning);
}

void require_dict(const Value& value, const std::string& path) {
  if (!value.is_dict()) throw wrong_type(value, path, "dict");
}

}  // namespace pinfeed
