// SPDX-License-Identifier: Apache-2.0
// Source of the rules: docs/specs/decisions.md, 1.
#include "pinfeed/config/write_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed {
namespace {

constexpr std::size_t json_line_width = 100;

std::string number_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return python_text(value);
}

std::string escaped(char c) {
  switch (c) {
    case '"': return "\\\"";
    case '\\': return "\\\\";
    case '\n': return "\\n";
    case '\r': return "\\r";
    case '\t': return "\\t";
    case '\b': return "\\b";
    case '\f': return "\\f";
    default: break;
  }
  const auto code = static_cast<unsigned char>(c);
  return code < 0x20 ? fmt::format("\\u{:04x}", code) : std::string(1, c);
}

std::string json_leaf(const Value& value) {
  if (value.is_none()) return "null";
  if (value.is_bool()) return value.boolean() ? "true" : "false";
  if (value.is_int()) return std::to_string(value.integer());
  if (value.is_float()) return number_text(value.real());
  if (value.is_string()) return json_text(value.string());
  return json_text(value.dotted_name()->name);
}

bool is_leaf(const Value& value) { return !value.is_dict() && !value.is_sequence(); }

class JsonWriter {
 public:
  void write(const Value& value, std::size_t indent) {
    if (value.is_dict()) {
      write_dict(value.dict(), indent);
    } else if (value.is_sequence()) {
      write_items(value.items(), indent);
    } else {
      text += json_leaf(value);
    }
  }

  std::string text;

 private:
  void new_line(std::size_t indent) { text += "\n" + std::string(indent, ' '); }

  void write_dict(const Dict& dict, std::size_t indent) {
    if (dict.empty()) {
      text += "{}";
      return;
    }
    text += "{";
    for (const Dict::Entry& entry : dict.entries()) {
      if (&entry != &dict.entries().front()) text += ",";
      new_line(indent + 2);
      text += json_text(entry.key.text) + ": ";
      write(entry.value, indent + 2);
    }
    new_line(indent);
    text += "}";
  }

  // Numbers and short words share a line.
  void write_items(const std::vector<Value>& items, std::size_t indent) {
    if (std::all_of(items.begin(), items.end(), is_leaf)) {
      std::string line;
      for (const Value& item : items) line += (line.empty() ? "" : ", ") + json_leaf(item);
      if (static_cast<std::size_t>(python::count_characters(line)) + indent <= json_line_width) {
        text += "[" + line + "]";
        return;
      }
    }
    text += "[";
    for (const Value& item : items) {
      if (&item != &items.front()) text += ",";
      new_line(indent + 2);
      write(item, indent + 2);
    }
    new_line(indent);
    text += "]";
  }
};

}  // namespace

std::string json_text(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) quoted += escaped(c);
  return quoted + "\"";
}

std::string write_json(const Value& value) {
  JsonWriter writer;
  writer.write(value, 0);
  return std::move(writer.text);
}

}  // namespace pinfeed
