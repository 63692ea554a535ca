// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/train/state_json.h"

#include "pinfeed/config/read_json.h"
#include "pinfeed/core/json_text.h"

namespace pinfeed {
namespace {

std::string dict_text(const Dict& dict) {
  std::string text;
  for (const Dict::Entry& entry : dict.entries()) {
    text += (text.empty() ? "" : ", ") + json_string(entry.key.text) + ": " + state_text(entry.value);
  }
  return "{" + text + "}";
}

std::string list_text(const std::vector<Value>& items) {
  std::string text;
  for (const Value& item : items) text += (text.empty() ? "" : ", ") + state_text(item);
  return "[" + text + "]";
}

// A whole double keeps its point, so that it comes back as a double.
std::string real_text(double value) {
  const std::string text = json_number(value);
  return text.find_first_of(".eIN") == std::string::npos ? text + ".0" : text;
}

}  // namespace

std::string state_text(const Value& state) {
  if (state.is_dict()) return dict_text(state.dict());
  if (state.is_sequence()) return list_text(state.items());
  if (state.is_string()) return json_string(state.string());
  if (state.is_bool()) return state.boolean() ? "true" : "false";
  if (state.is_int()) return std::to_string(state.integer());
  if (state.is_float()) return real_text(state.real());
  return "null";
}

Dict read_state(const std::string& text, const std::string& path) {
  try {
    return read_json(std::make_shared<const SourceText>(SourceText{path, text}));
  } catch (const Error& error) {
    throw Error(ErrorKind::data, "the state in " + path + " is broken: " + error.text());
  }
}

}  // namespace pinfeed
