// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <string>
#include <vector>

#include "pinfeed/config/value/value.h"
#include "pinfeed/schedule/schedule.h"

namespace pinfeed {

/// The JSON as a config value.
inline Value value_of(simdjson::dom::element json) {
  using Type = simdjson::dom::element_type;
  switch (json.type()) {
    case Type::OBJECT: {
      Dict dict;
      const simdjson::dom::object object = json.get_object().value();
      for (auto [key, item] : object) dict.set(key, value_of(item));
      return dict;
    }
    case Type::ARRAY: {
      List list;
      const simdjson::dom::array array = json.get_array().value();
      for (auto item : array) list.items.push_back(value_of(item));
      return list;
    }
    case Type::STRING: return std::string(json.get_string().value());
    case Type::DOUBLE: return json.get_double().value();
    case Type::BOOL: return json.get_bool().value();
    case Type::NULL_VALUE: return {};
    default: return json.get_int64().value();
  }
}

/// tests/golden/schedule.json; written by tools/golden/schedule.py.
inline const Value& reference() {
  static const Value golden = [] {
    simdjson::dom::parser parser;
    return value_of(parser.load(PINFEED_SOURCE_DIR "/tests/golden/schedule.json").value());
  }();
  return golden;
}

inline double number_of(const Value& value) {
  return value.is_int() ? static_cast<double>(value.integer()) : value.real();
}

inline std::string text_of(const Value& dict, std::string_view key) {
  return dict.find(key)->string();
}

}  // namespace pinfeed
