// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/openmmlab-data.md, 6.10.
#include "pinfeed/annotations/lvis_file.h"

#include <optional>
#include <utility>

#include "pinfeed/annotations/json_elements.h"

namespace pinfeed {
namespace {

std::string_view elements_of(JsonFile& file, std::string_view key) {
  const std::string_view list = file.find(key);
  if (!list.empty() && list.front() == '[') return list;
  throw Error(ErrorKind::data, file.path() + " has no list " + quoted(key));
}

std::vector<std::int64_t> read_ids(JsonValue value, std::string_view key, const ElementName& name) {
  simdjson::ondemand::array array;
  if (value.get_array().get(array) != simdjson::SUCCESS) {
    name.fail("has " + with_article(key) + " that is no list");
  }
  std::vector<std::int64_t> ids;
  for (auto item : array) {
    JsonValue id;
    if (item.get(id) != simdjson::SUCCESS) name.fail("is not valid JSON");
    ids.push_back(record_id(id, key, name));
  }
  return ids;
}

LvisFrequency read_frequency(JsonValue value, const ElementName& name) {
  const std::string_view letter = text(value, "frequency", name);
  if (letter == "r") return LvisFrequency::rare;
  if (letter == "c") return LvisFrequency::common;
  if (letter == "f") return LvisFrequency::frequent;
  name.fail("has the 'frequency' '" + std::string(letter) + "'; it must be 'r', 'c' or 'f'");
}

void read_images(JsonFile& file, LvisRules& rules) {
  std::optional<std::int64_t> id;
  std::optional<std::vector<std::int64_t>> absent;
  std::optional<std::vector<std::int64_t>> incomplete;
  ElementReader(file, "images")
      .run(
          elements_of(file, "images"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            if (key == "id") name.id = id = record_id(value, key, name);
            if (key == "neg_category_ids") absent = read_ids(value, key, name);
            if (key == "not_exhaustive_category_ids") incomplete = read_ids(value, key, name);
          },
          [&](const ElementName& name) {
            if (!id) name.fail("has no 'id'");
            if (!absent) name.fail("has no 'neg_category_ids', which LVIS needs");
            if (!incomplete) name.fail("has no 'not_exhaustive_category_ids', which LVIS needs");
            rules.images[*id] = {std::move(*absent), std::move(*incomplete)};
            id.reset();
            absent.reset();
            incomplete.reset();
          });
}

void read_frequencies(JsonFile& file, LvisRules& rules) {
  std::optional<std::int64_t> id;
  std::optional<LvisFrequency> frequency;
  ElementReader(file, "categories")
      .run(
          elements_of(file, "categories"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            if (key == "id") id = record_id(value, key, name);
            if (key == "frequency") frequency = read_frequency(value, name);
          },
          [&](const ElementName& name) {
            if (!id) name.fail("has no 'id'");
            if (!frequency) name.fail("has no 'frequency', which LVIS needs");
            rules.frequencies[*id] = *frequency;
            id.reset();
            frequency.reset();
          });
}

}  // namespace

LvisRules read_lvis_rules(const std::string& path) {
  JsonFile file(path);
  if (file.kind() != '{') throw Error(ErrorKind::data, path + " is a list, not an LVIS data set");
  LvisRules rules;
  read_frequencies(file, rules);
  read_images(file, rules);
  return rules;
}

std::vector<std::string> read_category_names(const std::string& path) {
  JsonFile file(path);
  if (file.kind() != '{') throw Error(ErrorKind::data, path + " is a list, not a COCO data set");
  std::vector<std::string> names;
  std::optional<std::string> one;
  ElementReader(file, "categories")
      .run(
          elements_of(file, "categories"),
          [&](std::string_view key, JsonValue value, ElementName& name) {
            if (key == "name") one = text(value, key, name);
          },
          [&](const ElementName& name) {
            if (!one) name.fail("has no 'name'");
            names.push_back(std::move(*one));
            one.reset();
          });
  return names;
}

}  // namespace pinfeed
