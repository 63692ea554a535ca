// SPDX-License-Identifier: Apache-2.0
#include "pinfeed/config/write_py.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "pinfeed/config/python/characters.h"
#include "pinfeed/config/python/expressions.h"
#include "pinfeed/config/value/number_text.h"

namespace pinfeed {
namespace {

constexpr std::size_t py_line_width = 100;

bool has_lookalikes(std::string_view text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (is_continuation(text[at])) continue;
    if (python::is_lookalike(first_code_point(text.substr(at)))) return true;
  }
  return false;
}

bool is_name(const Key& key) {
  if (key.integer || key.text.empty() || !python::starts_name(key.text[0])) return false;
  return std::all_of(key.text.begin(), key.text.end(), python::continues_name) &&
         !python::is_keyword(key.text) && !has_lookalikes(key.text);
}

// Not every letter outside ASCII is allowed in a name, but all are allowed in quotes.
bool is_keyword_argument(const Key& key) {
  const auto is_ascii = [](char c) { return (c & 0x80) == 0; };
  return is_name(key) && std::all_of(key.text.begin(), key.text.end(), is_ascii);
}

bool all_names(const Dict& dict) {
  return std::all_of(dict.entries().begin(), dict.entries().end(),
                     [](const Dict::Entry& entry) { return is_keyword_argument(entry.key); });
}

// A reader would replace double braces in a str, so they are written as an escape.
std::string literal(std::string_view text) {
  std::string written = python_text(text);
  for (std::size_t at = 0; (at = written.find("{{", at)) != std::string::npos;) {
    written.replace(at, 1, "\\x7b");
  }
  return written;
}

class PyWriter {
 public:
  /// If the config defines the name `dict` or `float`, the output does not use that function.
  explicit PyWriter(const Dict& root)
      : calls_(root.find("dict") == nullptr), float_(root.find("float") == nullptr) {}

  std::string text_of(const Value& value, std::size_t indent) const {
    std::string line = on_one_line(value);
    const bool nested = value.is_dict() || value.is_sequence();
    if (!nested || line.size() + indent <= py_line_width) return line;
    return value.is_dict() ? dict_lines(value.dict(), indent) : item_lines(value, indent);
  }

 private:
  std::string py_leaf(const Value& value) const {
    if (value.is_float() && !std::isfinite(value.real())) return special(value.real());
    if (const DottedName* name = value.dotted_name()) return literal(name->name);
    return value.is_string() ? literal(value.string()) : repr(value);
  }

  std::string special(double value) const {
    if (float_) return fmt::format("float('{}')", python_text(value));
    if (std::isnan(value)) return "(1e999 - 1e999)";
    return value < 0 ? "-1e999" : "1e999";
  }

  bool as_call(const Dict& dict) const { return calls_ && all_names(dict); }

  std::string key_text(const Dict::Entry& entry, bool call) const {
    if (call) return entry.key.text + "=";
    return (entry.key.integer ? entry.key.text : literal(entry.key.text)) + ": ";
  }

  std::string on_one_line(const Value& value) const {
    if (!value.is_dict() && !value.is_sequence()) return py_leaf(value);
    std::string text;
    if (value.is_sequence()) {
      for (const Value& item : value.items())
        text += (text.empty() ? "" : ", ") + on_one_line(item);
      if (value.is_list()) return "[" + text + "]";
      return "(" + text + (value.items().size() == 1 ? ",)" : ")");
    }
    const bool call = as_call(value.dict());
    for (const Dict::Entry& entry : value.dict().entries()) {
      text += (text.empty() ? "" : ", ") + key_text(entry, call) + on_one_line(entry.value);
    }
    return call ? "dict(" + text + ")" : "{" + text + "}";
  }

  std::string dict_lines(const Dict& dict, std::size_t indent) const {
    const bool call = as_call(dict);
    std::string text = call ? "dict(\n" : "{\n";
    for (const Dict::Entry& entry : dict.entries()) {
      const std::string key = key_text(entry, call);
      text += std::string(indent + 4, ' ') + key + text_of(entry.value, indent + 4) + ",\n";
    }
    return text + std::string(indent, ' ') + (call ? ")" : "}");
  }

  std::string item_lines(const Value& value, std::size_t indent) const {
    std::string text = value.is_list() ? "[\n" : "(\n";
    for (const Value& item : value.items()) {
      text += std::string(indent + 4, ' ') + text_of(item, indent + 4) + ",\n";
    }
    return text + std::string(indent, ' ') + (value.is_list() ? "]" : ")");
  }

  bool calls_;
  bool float_;
};

}  // namespace

std::string write_py(const Dict& root) {
  const PyWriter writer(root);
  std::string text;
  for (const Dict::Entry& entry : root.entries()) {
    const bool hidden = entry.key.text.starts_with("__");  // readers leave these out
    if (hidden || !is_name(entry.key)) {
      const char* what = hidden ? "would not be read back" : "cannot be a name in Python";
      throw Error(ErrorKind::config, fmt::format("'{}' {}", entry.key.text, what))
          .at(entry.span)
          .help("--format json writes any name");
    }
    text += entry.key.text + " = " + writer.text_of(entry.value, 0) + "\n";
  }
  return text;
}

}  // namespace pinfeed
